/** Figures of runs, sent by the built command: to a server of CloudWatch (moto), and to one that refuses. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { expect, onTestFinished, test } from 'vitest';
import { skippedSuite, startS3Endpoint } from '@backup-agent/core/test-kit';
import type { S3Endpoint } from '@backup-agent/core/test-kit';
import { openCliBench } from '../kit/cli-bench.ts';
import type { CliBench } from '../kit/cli-bench.ts';

interface Office {
  readonly bench: CliBench;
  readonly s3: S3Endpoint;
}

async function office(cloudWatch: string, config: object = { metricsEnvironment: 'prod' }): Promise<Office> {
  const s3 = await startS3Endpoint();
  onTestFinished(() => s3.close());
  const bench = openCliBench({
    env: { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_ENDPOINT_URL_CLOUDWATCH: cloudWatch },
  });
  bench.writeConfig({ repo: 's3://bucket', endpoint: s3.url, region: 'us-east-1', device: 'laptop', ...config });
  await bench.cli('init', '--no-probe');
  return { bench, s3 };
}

/** Answers all with this status; gives the region and service that each request was signed for. */
async function refusingServer(status: number): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    asked.push(String(/Credential=[^/]+\/\d+\/([^,]+)/.exec(request.headers.authorization ?? '')?.[1]));
    request.resume().on('end', () => response.writeHead(status).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test('a server that refuses costs a warning, and no backup', async () => {
  const { url, asked } = await refusingServer(403);
  const { bench } = await office(url);
  const { code, stderr, stdout } = await bench.cli('run', bench.documents);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^Snapshot /)]);
  expect(stderr).toMatch(/^warning: CloudWatch did not take the figures of this run \(\w+\)$/m);
  expect(asked).toEqual(['us-east-1/monitoring/aws4_request']);
});

test('without an environment in the configuration nothing is sent, nor for a dry run or a local repository', async () => {
  const { url, asked } = await refusingServer(200);
  const { bench } = await office(url, {});
  expect(await bench.cli('run', bench.documents)).toMatchObject({ code: 0 });
  bench.writeConfig({ metricsEnvironment: 'prod' });
  expect(await bench.at('run', bench.documents)).toMatchObject({ code: 0 });
  const other = await office(url);
  expect(await other.bench.cli('run', bench.documents, '--dry-run')).toMatchObject({ code: 0 });
  expect(asked).toEqual([]);
});

const server = process.env['BACKUP_AGENT_TEST_S3_ENDPOINT'];
if (server === undefined) skippedSuite('figures of runs on a server', 'no server: set BACKUP_AGENT_TEST_S3_ENDPOINT');
else
  test('figures of runs are summed up over an environment', async () => {
    const environment = `test-${process.pid}`;
    const { bench, s3 } = await office(server, { metricsEnvironment: environment });
    for (let run = 0; run < 2; run++) expect(await bench.cli('run', bench.documents)).toMatchObject({ code: 0 });
    s3.settings.denies = ({ operation, key }) => operation === 'PutObject' && key.includes('/snapshots/');
    expect(await bench.cli('run', bench.documents)).toMatchObject({ code: 6 });
    const client = new CloudWatchClient({
      endpoint: server,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    onTestFinished(() => client.destroy());
    const names = ['RunsDone', 'RunsFailed', 'UploadedBytes', 'RunSeconds', 'UnreadableFiles'];
    const { MetricDataResults = [] } = await client.send(
      new GetMetricDataCommand({
        StartTime: new Date(Date.now() - 3600_000),
        EndTime: new Date(Date.now() + 3600_000),
        MetricDataQueries: names.map((MetricName, i) => ({
          Id: `m${i}`,
          MetricStat: {
            Metric: {
              Namespace: 'BackupAgent/Devices',
              MetricName,
              Dimensions: [{ Name: 'Environment', Value: environment }],
            },
            Period: 7200,
            Stat: 'Sum',
          },
        })),
      }),
    );
    const sums = MetricDataResults.map(({ Values = [] }) => Values.reduce((sum, value) => sum + value, 0));
    expect(sums).toEqual([2, 1, expect.any(Number), expect.any(Number), 0]);
    expect(sums[2]).toBeGreaterThan(0);
    expect(sums[3]).toBeGreaterThan(0);
  });
