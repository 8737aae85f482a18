/** What is right alone and wrong together. */
import type { BackupConfig } from './backup-config.ts';

export interface Combination {
  readonly needs: readonly (keyof BackupConfig)[];
  /** Undefined: nothing is wrong. */
  readonly problem: (config: BackupConfig) => string | undefined;
}

const REGION = 'us-west-2';
/**
 * Both cold classes charge 90 days at least, and for each move. A pack of 32 MiB that stays in STANDARD for 16.5 days
 * costs as much (arithmetic from list prices): what is removed earlier is dearer there than where it was.
 */
const COLD_DAYS_MIN = 17;
export const COLD_DAYS_CHARGED = 90;
const OWN_TAGS = ['company', 'environment', 'region', 'managedby'];
/** S3 keeps these beginnings for itself (user guide, bucket naming rules); the bucket's name begins with the company's. */
const RESERVED_NAMES = ['xn--', 'sthree-', 'amzn-s3-demo-'];
/** IAM takes 50 tags for a role, and four are ours. */
const TAGS_MAX = 50 - OWN_TAGS.length;
/** What IAM takes: letters, digits and spaces of any language, and these. */
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const ACCOUNT_OF_ARN = /^arn:[^:]+:iam::(\d{12}):/;

export const COMBINATIONS: readonly Combination[] = [
  {
    needs: ['region', 'allowOtherRegion'],
    problem: ({ region, allowOtherRegion }) =>
      region === REGION || allowOtherRegion
        ? undefined
        : `region: ${region} is not ${REGION}; if that is meant, set allowOtherRegion: true`,
  },
  {
    needs: ['environment', 'alarmEmail'],
    problem: ({ environment, alarmEmail }) =>
      environment === 'prod' && alarmEmail === undefined ? 'alarmEmail: needed in prod' : undefined,
  },
  {
    needs: ['alarmEmail'],
    problem: ({ alarmEmail = '' }) =>
      /[@.]example\.(com|org|net)$/i.test(alarmEmail)
        ? `alarmEmail: nobody reads ${alarmEmail}; alarms need somebody who does`
        : undefined,
  },
  {
    needs: ['environment', 'breakGlassRoleArn'],
    problem: ({ environment, breakGlassRoleArn }) =>
      environment === 'prod' && breakGlassRoleArn === undefined
        ? 'breakGlassRoleArn: needed in prod: without such a role nobody could undo a night or change a protection'
        : undefined,
  },
  {
    needs: ['account', 'breakGlassRoleArn', 'devicePrincipalArns'],
    problem: ({ account, breakGlassRoleArn, devicePrincipalArns }) => {
      const named = breakGlassRoleArn === undefined ? devicePrincipalArns : [breakGlassRoleArn, ...devicePrincipalArns];
      const foreign = named.filter((arn) => ACCOUNT_OF_ARN.exec(arn)?.[1] !== account);
      return foreign.length === 0
        ? undefined
        : `account: ${foreign.join(', ')} lies in another account than ${account}`;
    },
  },
  {
    needs: ['packTiering', 'transitionDays', 'retentionDays', 'softDeleteDays'],
    problem: ({ packTiering, transitionDays, retentionDays, softDeleteDays }) => {
      if (packTiering !== 'glacier-ir' && packTiering !== 'glacier') return undefined;
      const days = retentionDays + softDeleteDays - transitionDays;
      if (days >= COLD_DAYS_MIN) return undefined;
      return `packTiering: with ${packTiering} a pack must stay cold for ${COLD_DAYS_MIN} days or more to be cheaper (${COLD_DAYS_CHARGED} are charged at least); retentionDays + softDeleteDays - transitionDays is ${days}`;
    },
  },
  {
    needs: ['objectLock'],
    problem: ({ objectLock }) =>
      objectLock?.mode === 'COMPLIANCE' && !objectLock.iUnderstandComplianceCannotBeUndone
        ? 'objectLock: mode COMPLIANCE needs iUnderstandComplianceCannotBeUndone: true; not even the account root can shorten it'
        : undefined,
  },
  {
    needs: ['objectLock', 'retentionDays'],
    problem: ({ objectLock, retentionDays }) =>
      objectLock !== undefined && objectLock.days > retentionDays
        ? `objectLock: ${objectLock.days} days are more than retentionDays (${retentionDays}): versions would be paid for that nobody keeps`
        : undefined,
  },
  {
    needs: ['companyName'],
    problem: ({ companyName }) => {
      const reserved = RESERVED_NAMES.find((beginning) => companyName.startsWith(beginning));
      return reserved === undefined ? undefined : `companyName: S3 takes no names that begin with ${reserved}`;
    },
  },
  {
    needs: ['devicePrincipalArns'],
    problem: ({ devicePrincipalArns }) => {
      const twice = devicePrincipalArns.filter((arn, i) => devicePrincipalArns.indexOf(arn) < i);
      return twice.length === 0 ? undefined : `devicePrincipalArns: ${twice.join(', ')}: named twice`;
    },
  },
  {
    needs: ['tags'],
    problem: ({ tags }) => {
      const names = Object.keys(tags);
      if (names.length > TAGS_MAX) return `tags: ${names.length} are more than the ${TAGS_MAX} that AWS has room for`;
      const lower = names.map((name) => name.toLowerCase());
      const alike = names.filter((name, i) => lower.indexOf(name.toLowerCase()) < i);
      if (alike.length > 0) return `tags: ${alike.join(', ')}: there is another that differs only in capitals`;
      const odd = names.filter((name) => !TAG_TEXT.test(name) || !TAG_TEXT.test(tags[name] ?? ''));
      return odd.length === 0 ? undefined : `tags: ${odd.join(', ')}: use letters, digits, spaces and _ . : / = + - @`;
    },
  },
  {
    needs: ['tags'],
    problem: ({ tags }) => {
      // IAM takes Company and company for the same.
      const taken = Object.keys(tags).filter((name) => OWN_TAGS.includes(name.toLowerCase()));
      return taken.length === 0 ? undefined : `tags: ${taken.join(', ')}: set already`;
    },
  },
  {
    needs: ['tags'],
    problem: ({ tags }) => {
      const reserved = Object.keys(tags).filter((name) => /^aws:/i.test(name) || name.toLowerCase() === 'device');
      return reserved.length === 0
        ? undefined
        : `tags: ${reserved.join(', ')}: "aws:" belongs to AWS, and "device" says which device a role or user is`;
    },
  },
];
