/** The stacks that the suites look at, synthesized once. */
import { ALL_OPTIONS } from './all-options.ts';
import { synthesize } from './synthesize.ts';

export const BY_DEFAULT = synthesize();
export const WITH_ALL = synthesize({ ...ALL_OPTIONS, devicePrincipalArns: [...ALL_OPTIONS.devicePrincipalArns] });
