/**
 * What is left out unless the user says otherwise: things that the system or a program makes again by itself, or that
 * nobody could use if they came back. Nothing here may match a document: a name counts anywhere only if no person
 * would choose it, everything else is bound to its place in a home folder or on the disk. Left in on purpose:
 * `node_modules` (its name does not prove that it can be made again), `desktop.ini` and `._*` (folder names, icons,
 * resource forks), `lost+found` (documents that a disk check saved), Outlook's `.ost` and Word's `~WRL*.tmp` (may be
 * the only copy).
 */
export type System = 'linux' | 'darwin' | 'win32';

export interface DefaultRule {
  /** Shown to the user; rules of one name are counted together. */
  readonly name: string;
  /** Why it may be missing from a backup. */
  readonly reason: string;
  /** Systems it is for; for all, where left out: disks move between machines. */
  readonly systems?: readonly System[];
  readonly kind: 'file' | 'folder';
  /** Names that count wherever they occur. */
  readonly names?: readonly string[];
  /** Paths below any home folder; `*` stands for one name, but not for the last one. */
  readonly inHome?: readonly string[];
  /** Names that count anywhere below these folders of a home folder. */
  readonly belowHome?: { readonly folders: readonly string[]; readonly names: readonly string[] };
  /** Absolute paths; the first `*` of a Windows path stands for the drive. */
  readonly paths?: readonly string[];
  /** Names that begin so and whose remainder has this form. */
  readonly begins?: readonly { readonly prefix: string; readonly rest: RegExp }[];
  /** Only files of at most this size: what is larger cannot be what the rule means. */
  readonly bytesMax?: number;
}

const UNIX: readonly System[] = ['linux', 'darwin'];

export const DEFAULT_RULES: readonly DefaultRule[] = [
  {
    name: 'trash',
    reason: 'its owner has thrown it away',
    kind: 'folder',
    names: ['$RECYCLE.BIN', '$Recycle.Bin', '.Trashes', '#recycle', '@Recycle'],
    inHome: ['.Trash', '.local/share/Trash'],
    begins: [{ prefix: '.Trash-', rest: /^\d+$/ }],
  },
  {
    name: 'thumbnails',
    reason: 'small pictures that the system makes again from the files',
    kind: 'folder',
    names: ['@eaDir', '.@__thumb'],
    inHome: ['.thumbnails'],
  },
  {
    name: 'thumbnails',
    reason: 'small pictures that the system makes again from the files',
    kind: 'file',
    names: ['Thumbs.db', 'thumbs.db', 'ehthumbs.db', 'ehthumbs_vista.db'],
  },
  {
    name: 'view settings of the Finder',
    reason: 'positions of icons, made again when a folder is opened',
    kind: 'file',
    names: ['.DS_Store'],
  },
  {
    name: 'system folders of a disk',
    reason: 'search indexes and journals that belong to the disk, not to its content',
    kind: 'folder',
    names: ['System Volume Information', '.Spotlight-V100', '.fseventsd', '.TemporaryItems', '.DocumentRevisions-V100'],
  },
  {
    name: 'caches',
    reason: 'copies that programs fetch or make again',
    systems: ['linux'],
    kind: 'folder',
    inHome: ['.cache', 'snap/*/common/.cache', '.var/app/*/cache', '.npm/_cacache', '.gradle/caches'],
    paths: ['/var/cache'],
  },
  {
    name: 'caches',
    reason: 'copies that programs fetch or make again',
    systems: ['darwin'],
    kind: 'folder',
    inHome: [
      'Library/Caches',
      'Library/Containers/*/Data/Library/Caches',
      'Library/Group Containers/*/Library/Caches',
      '.cache',
      '.npm/_cacache',
      '.gradle/caches',
    ],
    paths: ['/Library/Caches', '/private/var/folders'],
  },
  {
    name: 'caches',
    reason: 'copies that programs fetch or make again',
    systems: ['win32'],
    kind: 'folder',
    inHome: [
      'AppData/Local/Microsoft/Windows/Explorer',
      'AppData/Local/Microsoft/Windows/INetCache',
      'AppData/Local/Microsoft/Windows/WebCache',
      'AppData/Local/Microsoft/Windows/Caches',
      'AppData/Local/Mozilla/Firefox/Profiles/*/cache2',
      'AppData/Local/Packages/*/TempState',
      'AppData/Local/Packages/*/AC/INetCache',
      'AppData/Local/Google/DriveFS',
      'AppData/Local/D3DSCache',
      'AppData/Local/npm-cache',
      'AppData/Local/CrashDumps',
      '.gradle/caches',
    ],
  },
  {
    name: 'browser caches',
    reason: 'copies of web pages and compiled scripts of Chromium and of programs built on it',
    kind: 'folder',
    belowHome: {
      folders: ['.config', '.var/app', 'snap', 'Library/Application Support', 'AppData/Local', 'AppData/Roaming'],
      names: [
        'Code Cache',
        'GPUCache',
        'ShaderCache',
        'GrShaderCache',
        'GraphiteDawnCache',
        'DawnCache',
        'DawnGraphiteCache',
        'DawnWebGPUCache',
        'CacheStorage',
        'Cache_Data',
      ],
    },
  },
  {
    name: 'temporary files',
    reason: 'programs put there what they need only while they run',
    systems: ['linux'],
    kind: 'folder',
    paths: ['/tmp', '/var/tmp'],
  },
  {
    name: 'temporary files',
    reason: 'programs put there what they need only while they run',
    systems: ['darwin'],
    kind: 'folder',
    paths: ['/private/tmp', '/private/var/tmp'],
  },
  {
    name: 'temporary files',
    reason: 'programs put there what they need only while they run',
    systems: ['win32'],
    kind: 'folder',
    inHome: ['AppData/Local/Temp', 'AppData/Local/Packages/*/AC/Temp'],
    paths: ['*/Windows/Temp', '*/$WinREAgent', '*/$SysReset', '*/$Windows.~BT', '*/$Windows.~WS', '*/Config.Msi'],
  },
  {
    name: 'transfer folders of cloud drives',
    reason: 'half of an upload or download',
    kind: 'folder',
    names: ['.dropbox.cache', '.tmp.drivedownload', '.tmp.driveupload'],
  },
  {
    name: 'lock files of office programs',
    reason: 'say only who has a document open just now',
    kind: 'file',
    begins: [
      { prefix: '~$', rest: /\.(?:do[ct][xm]?|xl[st][xmb]?|pp[ts][xm]?|pot[xm]?|vs[ds][xm]?|rtf|odt|ods|odp)$/i },
      { prefix: '.~lock.', rest: /#$/ },
    ],
    bytesMax: 1024,
  },
  {
    name: 'deleted files still in use',
    reason: 'a network or user file system keeps them only until they are closed',
    kind: 'file',
    begins: [
      { prefix: '.nfs', rest: /^[0-9a-f]{16,32}$/ },
      { prefix: '.fuse_hidden', rest: /^[0-9a-f]{16,32}$/ },
    ],
  },
  {
    name: 'the logged-in session',
    reason: 'belongs to the running session; cannot be read or means nothing later',
    systems: UNIX,
    kind: 'folder',
    inHome: ['.gvfs'],
  },
  {
    name: 'the logged-in session',
    reason: 'belongs to the running session; cannot be read or means nothing later',
    systems: UNIX,
    kind: 'file',
    inHome: ['.xsession-errors', '.xsession-errors.old'],
  },
  {
    name: 'the logged-in session',
    reason: "the user's part of the Windows registry; no program can read it while its user is logged in",
    systems: ['win32'],
    kind: 'file',
    inHome: [
      'NTUSER.DAT',
      'ntuser.dat.LOG1',
      'ntuser.dat.LOG2',
      'AppData/Local/Microsoft/Windows/UsrClass.dat',
      'AppData/Local/Microsoft/Windows/UsrClass.dat.LOG1',
      'AppData/Local/Microsoft/Windows/UsrClass.dat.LOG2',
    ],
  },
  {
    name: 'views of the running system',
    reason: 'the kernel makes them up; they are not on any disk',
    systems: ['linux'],
    kind: 'folder',
    paths: ['/proc', '/sys', '/dev', '/run'],
  },
  {
    name: 'views of the running system',
    reason: 'the kernel makes them up; they are not on any disk',
    systems: ['darwin'],
    kind: 'folder',
    paths: ['/dev', '/.vol', '/private/var/vm'],
  },
  {
    name: 'swap and hibernation',
    reason: 'memory of a running machine, worthless later and as large as the memory',
    systems: ['linux'],
    kind: 'file',
    paths: ['/swapfile', '/swap.img'],
  },
  {
    name: 'swap and hibernation',
    reason: 'memory of a running machine, worthless later and as large as the memory',
    systems: ['win32'],
    kind: 'file',
    paths: ['*/pagefile.sys', '*/swapfile.sys', '*/hiberfil.sys', '*/DumpStack.log.tmp'],
  },
];

/** Where home folders are, besides the user's own: a run as administrator backs up those of others. */
export const HOME_FOLDERS: Readonly<Record<System, readonly string[]>> = {
  linux: ['/home/*', '/root'],
  darwin: ['/Users/*', '/private/var/root'],
  win32: ['*/Users/*'],
};
