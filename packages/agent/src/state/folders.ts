/** Where this program keeps what it keeps on a machine, by the customs of each system. Nothing is made here. */
import path from 'node:path';

export interface AgentFolders {
  /** The configuration file's folder. */
  readonly config: string;
  /** Locks, journals, what `adopt` said: may be deleted, at the cost of time. */
  readonly state: string;
  /** Copies of immutable objects: may be deleted at any time. */
  readonly cache: string;
}

export interface FolderSources {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const NAME = 'backup-agent';

/** XDG folders (everywhere, if set), else those of macOS, Windows, or XDG's defaults. */
export function agentFolders({ platform, home, environment }: FolderSources): AgentFolders {
  const { join } = platform === 'win32' ? path.win32 : path.posix;
  const from = (variable: string, fallback: string, ...below: string[]): string => {
    const value = environment[variable];
    // The XDG specification: relative paths are to be ignored.
    const isUsable = value !== undefined && (platform === 'win32' ? path.win32 : path.posix).isAbsolute(value);
    return isUsable ? join(value, NAME, ...below) : fallback;
  };
  const usual = usualFolders({ platform, home, environment });
  return {
    config: from('XDG_CONFIG_HOME', usual.config),
    state: from('XDG_STATE_HOME', usual.state),
    cache: from('XDG_CACHE_HOME', usual.cache),
  };
}

function usualFolders({ platform, home, environment }: FolderSources): AgentFolders {
  if (platform === 'win32') {
    const roaming = environment['APPDATA'] ?? path.win32.join(home, 'AppData', 'Roaming');
    const local = environment['LOCALAPPDATA'] ?? path.win32.join(home, 'AppData', 'Local');
    return {
      config: path.win32.join(roaming, NAME),
      state: path.win32.join(local, NAME, 'state'),
      cache: path.win32.join(local, NAME, 'cache'),
    };
  }
  if (platform === 'darwin') {
    const library = path.posix.join(home, 'Library');
    const support = path.posix.join(library, 'Application Support', NAME);
    return {
      config: support,
      state: path.posix.join(support, 'state'),
      cache: path.posix.join(library, 'Caches', NAME),
    };
  }
  return {
    config: path.posix.join(home, '.config', NAME),
    state: path.posix.join(home, '.local', 'state', NAME),
    cache: path.posix.join(home, '.cache', NAME),
  };
}
