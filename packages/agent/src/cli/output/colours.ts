/** Colours for terminals that want them: functions from text to text. */
type Style = (enabled: boolean) => (text: string) => string;

const style =
  (on: number, off: number): Style =>
  (enabled) =>
  (text) =>
    enabled ? `\u001b[${on}m${text}\u001b[${off}m` : text;

export const bold = style(1, 22);
export const red = style(31, 39);
export const yellow = style(33, 39);
