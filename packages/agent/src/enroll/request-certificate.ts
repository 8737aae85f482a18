/** The first half of an enrolment: a key that never leaves this machine, and a request that may go anywhere. */
import { BackupError } from '@backup-agent/core';
import { makeCertificateRequest } from './certificate-request.ts';
import { identityFile, listKeys, makeKey, newestNumber, writeNew } from './identity-files.ts';
import type { IdentityPlace, KeyFile, KeyType } from './identity-files.ts';

export interface RequestedCertificate {
  readonly outcome: 'created' | 'already-there';
  readonly keyFile: string;
  readonly keyType: KeyType;
  readonly requestFile: string;
}

export interface CertificateWish {
  /** What a new key is: P-256, or RSA with 2048 bits. */
  readonly keyType: KeyType;
  /** Undefined: the first one, or the one that is there. */
  readonly renew?: 'with-new-key' | 'with-same-key' | undefined;
}

/**
 * Makes what is not there yet. A renewal lies beside what is in use, under the next number; what is in use is not
 * touched. Throws CONFIG_INVALID for a renewal of nothing.
 */
export function requestCertificate(wish: CertificateWish, place: IdentityPlace): RequestedCertificate {
  const newest = listKeys(place).at(-1);
  if (wish.renew === undefined)
    return newest === undefined
      ? created(place, makeKey(place, newestNumber(place) + 1, wish.keyType))
      : found(place, newest);
  if (newest === undefined)
    throw new BackupError(
      'CONFIG_INVALID',
      `there is no key of ${place.device} in ${place.folder} that could be renewed`,
      {
        hint: 'leave --renew away to make the first one; --device says for which device',
      },
    );
  const number = newestNumber(place) + 1;
  return wish.renew === 'with-same-key'
    ? created(place, { ...newest, number })
    : created(place, makeKey(place, number, wish.keyType));
}

/** The newest request. One that was stopped between key and request has left a key alone. */
function found(place: IdentityPlace, key: KeyFile): RequestedCertificate {
  const number = newestNumber(place, 'csr');
  if (number < key.number) return created(place, key);
  return { outcome: 'already-there', ...told(key), requestFile: identityFile(place, number, 'csr') };
}

function created(place: IdentityPlace, key: KeyFile): RequestedCertificate {
  const requestFile = identityFile(place, key.number, 'csr');
  writeNew(requestFile, makeCertificateRequest(place.device, key.key));
  return { outcome: 'created', ...told(key), requestFile };
}

const told = ({ file, key }: KeyFile): { keyFile: string; keyType: KeyType } => ({
  keyFile: file,
  keyType: key.asymmetricKeyType === 'rsa' ? 'rsa' : 'ec',
});
