import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { agentConfigOf, storageOutputs } from '../src/agent-config/agent-config.ts';

const OUTPUTS = {
  RepositoryUrl: 's3://smallbiz-prod-backup-storage-bucket83908e77-1abc',
  Region: 'us-west-2',
  KmsKeyArn: 'arn:aws:kms:us-west-2:111122223333:key/11111111-2222-3333-4444-555555555555',
  PackTiering: 'intelligent',
  RetentionDays: '30',
};
const CONFIG = {
  repo: OUTPUTS.RepositoryUrl,
  region: OUTPUTS.Region,
  kmsKey: OUTPUTS.KmsKeyArn,
  packTiering: 'intelligent',
  device: 'desk-1',
  sources: ['~/Documents', '~/Pictures'],
};

const folder = mkdtempSync(path.join(tmpdir(), 'backup-agent-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SCRIPT = path.join(import.meta.dirname, '../scripts/agent-config.ts');
const file = path.join(folder, 'cdk-outputs.json');
writeFileSync(
  file,
  JSON.stringify({
    'smallbiz-prod-backup-storage': OUTPUTS,
    'smallbiz-prod-backup-service': { QueueUrl: 'https://queue' },
  }),
);

/** A file that holds this as JSON. */
function written(name: string, content: unknown): string {
  const place = path.join(folder, name);
  writeFileSync(place, JSON.stringify(content));
  return place;
}

test('outputs become the configuration of a device', () => {
  expect(agentConfigOf(OUTPUTS, { device: 'desk-1', sources: CONFIG.sources })).toEqual(CONFIG);
});

test('without a device the agent takes the name of its host', () => {
  expect(agentConfigOf(OUTPUTS, { sources: ['~'] })).not.toHaveProperty('device');
});

describe('the profile of the AWS configuration', () => {
  const sources = ['~'];
  const certificates = { ...OUTPUTS, TrustAnchorArn: 'arn:aws:rolesanywhere:us-west-2:111122223333:trust-anchor/1' };

  test('with certificates it is the one that enroll writes', () => {
    const enroll = path.join(import.meta.dirname, '../../packages/agent/src/cli/commands/enroll.ts');
    const [, written] = /^const PROFILE_DEFAULT = '(.+)';$/m.exec(readFileSync(enroll, 'utf8')) ?? [];
    expect(agentConfigOf(certificates, { sources }).awsProfile).toBe(written);
  });

  test('without them it is left to the SDK', () => {
    expect(agentConfigOf(OUTPUTS, { sources })).not.toHaveProperty('awsProfile');
  });

  test.each([OUTPUTS, certificates])('or the one that is named', (outputs) => {
    expect(agentConfigOf(outputs, { awsProfile: 'mine', sources }).awsProfile).toBe('mine');
    expect(() => agentConfigOf(outputs, { awsProfile: 'not mine', sources })).toThrow(/^- aws-profile: .*"not mine"$/m);
  });
});

test('everything that is wrong is said at once', () => {
  const wrong = { RepositoryUrl: '/media/disk', KmsKeyArn: 'alias/backup' };
  expect(() => agentConfigOf(wrong, { device: 'Desk 1', sources: [] })).toThrow(
    /device:[^]*RepositoryUrl: "\/media\/disk"[^]*Region is not among[^]*KmsKeyArn: "alias\/backup"/,
  );
});

describe('the stack', () => {
  test('is the one with a repository', () => {
    expect(storageOutputs({ service: { QueueUrl: 'x' }, storage: OUTPUTS })).toBe(OUTPUTS);
  });

  test.each([
    ['none', {}, /deploy the storage stack first/],
    ['two', { prod: OUTPUTS, dev: OUTPUTS }, /several stacks .*\(prod, dev\)/],
  ])('has to be found: %s', (_, outputs, problem) => {
    expect(() => storageOutputs(outputs)).toThrow(problem);
  });
});

describe('the script', () => {
  const run = (...args: string[]): unknown =>
    JSON.parse(execFileSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8' }));
  const sources = ['--source', '~/Documents', '--source', '~/Pictures'];

  test('prints the configuration from a file of outputs', () => {
    expect(run('--outputs', file, '--device', 'desk-1', ...sources)).toEqual(CONFIG);
  });

  test('prints it from outputs that are given', () => {
    const given = Object.entries(OUTPUTS).map(([name, value]) => `${name}=${value}`);
    expect(run('--device', 'desk-1', ...sources, ...given)).toEqual(CONFIG);
  });

  test('with a profile', () => {
    expect(run('--outputs', file, '--aws-profile', 'backup-agent')).toMatchObject({ awsProfile: 'backup-agent' });
  });

  test.each<[string, string[], string]>([
    [
      'no such stack',
      ['--outputs', file, '--stack', 'nowhere'],
      'has no stack nowhere, only smallbiz-prod-backup-storage',
    ],
    ['no such file', ['--outputs', path.join(folder, 'no.json')], 'no.json: deploy with "--outputs-file'],
    ['outputs that are null', ['--outputs', written('null.json', null)], 'null.json is not what "cdk deploy'],
    ['a stack that is null', ['--outputs', written('gone.json', { gone: null })], 'gone.json is not what "cdk deploy'],
    ['another file', ['--outputs', SCRIPT], 'agent-config.ts is not what "cdk deploy --outputs-file" writes'],
  ])('%s: says what is wrong, and prints nothing else', (_, args, message) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8' });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(2);
  });
});
