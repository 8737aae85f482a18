import type { DeviceId } from '@backup-agent/core';
import { isDeviceId } from '@backup-agent/core';

/** A device id made from a host's name: without its domain, in the letters that ids have. */
export function deviceIdOfHost(host: string): DeviceId {
  const [name = ''] = host.split('.');
  const id = name
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 63)
    .replace(/-+$/, '');
  if (isDeviceId(id)) return id;
  const longer = `device-${id}`.replace(/-+$/, '');
  return (isDeviceId(longer) ? longer : 'device') as DeviceId;
}
