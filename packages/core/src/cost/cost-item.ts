/** Lines of a bill. */

export type CostItemId =
  | 'documents'
  | 'changes'
  | 'removed'
  | 'dead-space'
  | 'waiting'
  | 'transitions'
  | 'overhead'
  | 'monitoring'
  | 'put'
  | 'put-parts'
  | 'put-records'
  | 'list'
  | 'list-runs'
  | 'get'
  | 'get-records'
  | 'kms'
  | 'verify'
  | 'verify-later'
  | 'verify-get'
  | 'verify-egress'
  | 'nights'
  | 'key'
  | 'metrics'
  | 'request-metrics'
  | 'alarms'
  | 'dashboards'
  | 'logs';

export interface CostItem {
  readonly id: CostItemId;
  readonly name: string;
  /** A month. */
  readonly usd: number;
}

export const sumUsd = (items: readonly CostItem[]): number => items.reduce((sum, { usd }) => sum + usd, 0);
