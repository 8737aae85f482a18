/** What `synth` tells: how much there is, and what it costs while nobody uses it. */
import { PRICES, fixedLines } from '@backup-agent/core';
import { stackParts } from './stack-parts.ts';
import type { Template } from './stack-parts.ts';

export interface NamedTemplate {
  readonly stack: string;
  readonly template: Template;
}

export function stackReport(stacks: readonly NamedTemplate[]): string {
  const counts = stacks.map(({ stack, template }) => `${stack}: ${Object.keys(template.Resources).length} resources`);
  const lines = fixedLines(stackParts(stacks.map(({ template }) => template)))
    .filter(({ count }) => count > 0)
    .map(({ name, count, price }) => ({ name, count, usd: count * PRICES[price].usd }));
  const total = lines.reduce((sum, { usd }) => sum + usd, 0);
  const parts = lines.map(({ name, count, usd }) => `${count} ${name} ${usd.toFixed(2)}`);
  return [
    ...counts,
    `fixed cost: $${total.toFixed(2)} a month by list price, before free tiers (${parts.join(', ')})`,
  ].join('\n');
}
