/** The top of the report: what people should do. */
import { html, NOTHING } from './html.ts';
import type { Html } from './html.ts';
import type { NightAction, NightSummary } from './night-summary.ts';
import { countInWords } from './quantities.ts';
import { visibleText } from './visible-text.ts';

/** Devices of an action that are seen at once; the others are a click away. */
const DEVICES_SHOWN = 5;
const DETAIL_CHARS_MAX = 300;

export function actionList({ actions }: NightSummary): Html {
  if (actions.length === 0) return NOTHING;
  return html`<section aria-labelledby="todo">
    <h2 id="todo">What to do</h2>
    <ol class="actions">
      ${actions.map(actionItem)}
    </ol>
  </section>`;
}

function actionItem({ kind, title, meaning, todo, devices, deviceCount, newCount }: NightAction): Html {
  const [shown, hidden] = [devices.slice(0, DEVICES_SHOWN), devices.slice(DEVICES_SHOWN)];
  const unnamed = deviceCount - devices.length;
  const news =
    newCount > 0 && newCount < deviceCount ? html` <span class="new">${countInWords(newCount)} new</span>` : NOTHING;
  return html`<li class="action ${kind}">
    <h3>${visibleText(title, DETAIL_CHARS_MAX)}${news}</h3>
    <p class="meaning">${meaning}</p>
    <p>${withCommands(todo)}</p>
    <ul class="named">
      ${shown.map(deviceItem)}
    </ul>
    ${
      hidden.length === 0
        ? NOTHING
        : html`<details>
            <summary>${countInWords(hidden.length + unnamed)} more</summary>
            <ul class="named">
              ${hidden.map(deviceItem)}
            </ul>
            ${unnamed === 0 ? NOTHING : html`<p>And ${countInWords(unnamed)} more, in the table of devices.</p>`}
          </details>`
    }
  </li> `;
}

function deviceItem({ device, detail, command, isNew }: NightAction['devices'][number]): Html {
  return html`<li>
    <span class="who"><b>${device}</b>${isNew ? html` <span class="new">new</span>` : NOTHING}</span>
    <span class="seen">${visibleText(detail, DETAIL_CHARS_MAX)}</span>
    <code class="command">${command}</code>
  </li> `;
}

/** Commands in a sentence stand between backquotes. */
const withCommands = (sentence: string): Html[] =>
  sentence.split('`').map((part, i) => (i % 2 === 0 ? html`${part}` : html`<code>${part}</code>`));
