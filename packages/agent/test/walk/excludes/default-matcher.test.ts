import { describe, expect, test } from 'vitest';
import { makeDefaultMatcher } from '../../../src/walk/excludes/default-matcher.ts';
import { DEFAULT_RULES } from '../../../src/walk/excludes/default-rules.ts';

/** The rule's name for a path: folders end in a slash. */
function ruleFor(platform: NodeJS.Platform, path: string, bytes = 0): string | undefined {
  const home = platform === 'win32' ? 'D:\\People\\me' : '/srv/people/me';
  const isFolder = path.endsWith('/');
  const whole = path.replace(/\/$/, '');
  const name = whole.slice(whole.lastIndexOf('/') + 1);
  return makeDefaultMatcher({ platform, home }).match(name, isFolder ? 'folder' : 'file', bytes, () => whole)?.name;
}

describe('left out by default', () => {
  test.each<[NodeJS.Platform, string, string]>([
    ['linux', '/home/ann/.cache/', 'caches'],
    ['linux', '/srv/people/me/.cache/', 'caches'],
    ['linux', '/srv/people/me/.local/share/Trash/', 'trash'],
    ['linux', '/home/ann/snap/firefox/common/.cache/', 'caches'],
    ['linux', '/home/ann/.config/google-chrome/Default/Code Cache/', 'browser caches'],
    ['linux', '/mnt/stick/.Trash-1000/', 'trash'],
    ['linux', '/mnt/stick/Thumbs.db', 'thumbnails'],
    ['linux', '/mnt/stick/.DS_Store', 'view settings of the Finder'],
    ['linux', '/data/~$letter.docx', 'lock files of office programs'],
    ['linux', '/data/.~lock.letter.odt#', 'lock files of office programs'],
    ['linux', '/data/.nfs0000000000a1b2c300000001', 'deleted files still in use'],
    ['linux', '/tmp/', 'temporary files'],
    ['linux', '/proc/', 'views of the running system'],
    ['linux', '/home/ann/.gvfs/', 'the logged-in session'],
    ['darwin', '/Users/ann/Library/Caches/', 'caches'],
    ['darwin', '/Users/ann/library/caches/', 'caches'],
    ['darwin', '/Users/ann/Library/Containers/com.apple.mail/Data/Library/Caches/', 'caches'],
    ['darwin', '/Users/ann/.Trash/', 'trash'],
    ['darwin', '/Volumes/Stick/.Spotlight-V100/', 'system folders of a disk'],
    ['win32', 'C:/Users/Ann/AppData/Local/Temp/', 'temporary files'],
    ['win32', 'D:/People/Me/AppData/Local/Temp/', 'temporary files'],
    ['win32', 'C:/users/ann/appdata/local/Google/Chrome/User Data/Default/GPUCache/', 'browser caches'],
    ['win32', 'C:/Users/Ann/NTUSER.DAT', 'the logged-in session'],
    ['win32', 'C:/pagefile.sys', 'swap and hibernation'],
    ['win32', 'E:/$Recycle.bin/', 'trash'],
  ])('%s: %s', (platform, path, rule) => expect(ruleFor(platform, path)).toBe(`default: ${rule}`));
});

describe('kept, for it could be a document', () => {
  test.each<[NodeJS.Platform, string, number?]>([
    ['linux', '/home/ann/Documents/.cache/'],
    ['linux', '/home/ann/.cache'],
    ['linux', '/home/ann/Maildir/.Trash/'],
    ['linux', '/home/ann/Documents/tmp/'],
    ['linux', '/home/ann/Code Cache/'],
    ['linux', '/home/ann/node_modules/'],
    ['linux', '/home/ann/.Trash-letters/'],
    ['linux', '/data/~$letter.docx', 5_000],
    ['linux', '/data/~$ales figures.pdf'],
    ['linux', '/data/.~lock.letter.odt'],
    ['linux', '/data/Thumbs.db/'],
    ['linux', '/data/thumbs.db.xlsx'],
    ['linux', '/data/pagefile.sys'],
    ['linux', '/data/proc/'],
    ['linux', '/data/desktop.ini'],
    ['linux', '/data/.nfs notes'],
    ['darwin', '/Users/ann/Documents/Library/Caches/'],
    ['darwin', '/Users/ann/Library/Mobile Documents/'],
    ['win32', 'C:/Users/Ann/Documents/Temp/'],
    ['win32', 'C:/Users/Ann/Documents/pagefile.sys'],
    ['win32', 'C:/Users/Ann/AppData/Local/Microsoft/Outlook/ann.ost'],
  ])('%s: %s', (platform, path, bytes) => expect(ruleFor(platform, path, bytes)).toBeUndefined());
});

test('every rule names something, has its reason, and one name means one reason on one system', () => {
  for (const rule of DEFAULT_RULES) {
    expect(rule.reason).not.toBe('');
    expect(
      [rule.names, rule.inHome, rule.belowHome, rule.paths, rule.begins].some((place) => place !== undefined),
    ).toBe(true);
    for (const path of [...(rule.inHome ?? []), ...(rule.paths ?? [])]) expect(path).not.toMatch(/\*$/);
  }
});
