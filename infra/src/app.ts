/** The CDK app. Choices come from the context: cdk.json, or `-c name=value`. */
import { App, Tags } from 'aws-cdk-lib';
import { BackupStorageStack } from './backup-storage-stack.ts';
import { parseStorageOptions } from './storage-options.ts';
import type { StorageOptions } from './storage-options.ts';

const app = new App();
const storage = chosenStorage();
new BackupStorageStack(app, 'BackupStorage', {
  stackName: `${storage.companyName}-${storage.environment}-backup-storage`,
  description: 'Key and bucket of the backups',
  storage,
});
Tags.of(app).add('Company', storage.companyName);
Tags.of(app).add('Environment', storage.environment);
Tags.of(app).add('Purpose', 'backup');

/** What the context says; wrong choices end the program with their list instead of a stack trace. */
function chosenStorage(): StorageOptions {
  const context = (name: string): unknown => app.node.tryGetContext(name);
  try {
    return parseStorageOptions({
      companyName: context('companyName'),
      environment: context('environment'),
      softDeleteDays: context('softDeleteDays'),
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}
