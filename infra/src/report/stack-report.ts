/** What `synth` tells: how much there is, and what it costs while nobody uses it. */
import { METRIC_UNITS } from '@backup-agent/core';
import { fixedCost } from './fixed-cost.ts';
import type { Template } from './fixed-cost.ts';

export interface NamedTemplate {
  readonly stack: string;
  readonly template: Template;
}

export function stackReport(stacks: readonly NamedTemplate[]): string {
  const counts = stacks.map(({ stack, template }) => `${stack}: ${Object.keys(template.Resources).length} resources`);
  const lines = fixedCost(
    stacks.map(({ template }) => template),
    Object.keys(METRIC_UNITS).length,
  ).filter(({ count }) => count > 0);
  const total = lines.reduce((sum, { usd }) => sum + usd, 0);
  const parts = lines.map(({ what, count, usd }) => `${count} ${what} ${usd.toFixed(2)}`);
  return [
    ...counts,
    `fixed cost: $${total.toFixed(2)} a month by list price, before free tiers (${parts.join(', ')})`,
  ].join('\n');
}
