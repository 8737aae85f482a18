/** `config show`: every value in effect, and where it comes from. */
import type { Origin } from '../config/settings.ts';
import { defineCommand } from '../define-command.ts';

export default defineCommand({
  args: {},
  notes: 'Credentials are no part of the configuration and are never shown.',
  async run(_args, { settings, out, folders }) {
    const rows = Object.entries(settings).map(([name, { value, origin }]) => ({ name, value: shown(value), origin }));
    out.json({
      settings: Object.fromEntries(rows.map(({ name, value, origin }) => [name, { value: value ?? null, origin }])),
      folders,
    });
    out.table(
      [{ title: 'key' }, { title: 'value' }, { title: 'from' }],
      rows.map(({ name, value, origin }) => [name, value === undefined ? '-' : textOf(value), describe(origin)]),
    );
    out.line('');
    for (const name of ['config', 'state', 'cache'] as const) out.line(`${name} folder: ${folders[name]}`);
    return 0;
  },
});

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Addresses may carry a password. */
const shown = (value: unknown): unknown =>
  typeof value === 'string' ? value.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/\s@]+@/i, '$1[redacted]@') : value;

function describe(origin: Origin): string {
  switch (origin.from) {
    case 'flag':
    case 'environment':
      return origin.name;
    case 'file':
      return origin.path;
    case 'default':
      return origin.why === undefined ? 'default' : `default, ${origin.why}`;
  }
}
