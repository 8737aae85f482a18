/** What `enroll` tells a person, or a script. */
import { hasKeysOf } from '../enroll/enrolment.ts';
import type { Enrolment } from '../enroll/enrolment.ts';
import type { RequestedCertificate } from '../enroll/request-certificate.ts';
import type { UsedCertificate } from '../enroll/use-certificate.ts';
import type { CommandContext } from './context.ts';
import { formatTime } from './units.ts';

/** Time to ask for the next one, also for whoever is on holiday. */
const WARNING_DAYS = 30;

/** Where the request is and what to do with it; of a device that is enrolled already, how long its certificate lasts. */
export function tellRequest(
  { outcome, ...files }: RequestedCertificate,
  enrolment: Enrolment | undefined,
  { out, device, report }: CommandContext,
): void {
  out.json({ step: 'request', outcome, device: device(), ...files, enrolment: enrolment ?? null });
  out.line(`${outcome === 'created' ? 'Wrote the request' : 'The request is in'} ${files.requestFile}.`);
  out.line(`Its key is ${files.keyFile}; it stays on this machine.`);
  if (enrolment !== undefined) {
    const { certificateFile, expires, profile } = enrolment;
    out.line(`Profile ${profile} uses ${certificateFile} until ${formatTime(expires)}.`);
    warnOfEnd(enrolment.daysLeft, report);
  }
  if (enrolment === undefined || outcome === 'created')
    out.line(
      `Let your authority make a certificate from it, with the common name ${device()}, and come back with "backup-agent enroll --certificate <file>" and the three ARNs.`,
    );
}

/** What the profile uses now, and whether it works. Never what came of it: that is secret. */
export function tellUse(
  used: UsedCertificate,
  { profile, awsConfigFile }: { readonly profile: string; readonly awsConfigFile: string },
  context: CommandContext,
): void {
  const { out, report, device, surroundings, settings } = context;
  const { trial, outcome } = used;
  out.json({ step: 'certificate', device: device(), ...used, profile, awsConfigFile });
  warnOfEnd(used.daysLeft, report);
  if (hasKeysOf(profile, surroundings.awsCredentialsFile))
    report({
      type: 'warning',
      message: `${surroundings.awsCredentialsFile} has keys under the name ${profile} too, and they win; remove them`,
    });
  out.line(
    outcome === 'kept'
      ? `Profile ${profile} in ${awsConfigFile} is left as it was, for the new certificate does not work.`
      : `Profile ${profile} in ${awsConfigFile} ${outcome === 'unchanged' ? 'uses' : 'now uses'} ${used.certificateFile}, until ${formatTime(used.expires)}.`,
  );
  if (trial.works) out.line(`It works: credentials came, good until ${formatTime(trial.expires)}.`);
  else
    report({
      type: 'warning',
      message: `${used.signingHelper} gave no credentials: ${trial.problem}. Once that is mended, the same command tries again`,
    });
  if (outcome !== 'kept' && settings.awsProfile.value !== profile)
    out.line(
      `Backups use it with "awsProfile": "${profile}" in the configuration file, or where the variable AWS_PROFILE says so.`,
    );
}

function warnOfEnd(days: number, report: CommandContext['report']): void {
  if (days > WARNING_DAYS) return;
  const when = days < 0 ? 'has expired' : `expires in ${days} ${days === 1 ? 'day' : 'days'}`;
  report({ type: 'warning', message: `the certificate ${when}; "backup-agent enroll --renew" makes the next request` });
}
