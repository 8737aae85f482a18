/** What a policy allows, taken apart: each permission is one action on one pattern of resources, and could be missed by itself. */
import type { PolicyDocument, Statement } from './policies.ts';

export interface Permission {
  readonly sid: string;
  readonly action: string;
  /** What it reaches: of a listing the pattern of prefixes, where there is one, else of resources. */
  readonly on: string;
  /** A statement that gives this permission alone. */
  readonly statement: Statement;
}

export function permissionsOf({ Statement: statements }: PolicyDocument): Permission[] {
  return statements
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap((statement) =>
      listOf(statement.Action).flatMap((action) =>
        listOf(statement.Resource).flatMap((resource) =>
          narrowed({ ...statement, Action: action, Resource: resource }),
        ),
      ),
    );
}

/** One permission, or one for each pattern of prefixes. */
function narrowed(statement: Statement & { readonly Action: string; readonly Resource: string }): Permission[] {
  const { Sid: sid = '', Action: action, Resource: resource, Condition: condition } = statement;
  const prefixes = listOf(condition?.['StringLike']?.['s3:prefix'] as string | readonly string[] | undefined);
  if (prefixes.length === 0) return [{ sid, action, on: resource, statement }];
  return prefixes.map((prefix) => ({
    sid,
    action,
    on: prefix,
    statement: {
      ...statement,
      Condition: { ...condition, StringLike: { ...condition?.['StringLike'], 's3:prefix': prefix } },
    },
  }));
}

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;
