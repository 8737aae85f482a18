/** What a command may use: composed once per invocation, see compose.ts. */
import type { DeviceId, ObjectReader, PageCache, ReadWriteStore, Repository, RepositoryUrl } from '@backup-agent/core';
import type { Clock } from '../backup/job.ts';
import type { Report } from '../events.ts';
import type { AgentFolders } from '../state/folders.ts';
import type { Settings } from './config/settings.ts';
import type { RepositoryAccess } from './open-repository.ts';
import type { Output } from './output/output.ts';

/** The machine and the user, as far as commands care. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  /** The user's home folder. */
  readonly home: string;
  readonly host: string;
  readonly user: string;
  readonly workingFolder: string;
  /** Processors this process may use. */
  readonly processors: number;
  /** `linux 6.1 x64`, for records. */
  readonly system: string;
  /** This program's version. */
  readonly version: string;
  readonly stdin: NodeJS.ReadableStream;
  /** The variable PATH. */
  readonly searchPath: string;
  /** Where AWS's SDKs look for profiles. */
  readonly awsConfigFile: string;
  readonly awsCredentialsFile: string;
  readonly temporaryFolder: string;
  /** Undefined on Windows. */
  readonly userId: number | undefined;
  readonly groupId: number | undefined;
  /** All groups of the user. */
  readonly groupIds: readonly number[];
}

export interface CommandContext {
  readonly settings: Settings;
  readonly out: Output;
  /** --json: for commands whose plain output is no text. */
  readonly isJson: boolean;
  /** --verbose: what costs something is told only then. */
  readonly verbose: boolean;
  /** Where the engine tells what it does: progress line, messages on stderr, log file, JSON lines. */
  readonly report: Report;
  /** Aborted by SIGINT and SIGTERM, with a BackupError as its reason. */
  readonly signal: AbortSignal;
  /** Asks a person a question and gives the line they type, '' if there is none. Undefined: there is nobody to ask. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  readonly surroundings: Surroundings;
  /** State and cache of this user on this machine; may be deleted at any time. */
  readonly folders: AgentFolders;
  /** From --device, BACKUP_AGENT_DEVICE, the config file, or the host's name. Throws CONFIG_INVALID. */
  readonly device: () => DeviceId;
  /** For `init` and `run`, which open what is no repository yet; all others use the functions below. */
  readonly access: RepositoryAccess;
  /** Registers what is to be done when the command has ended, however it did; the last one first. */
  readonly onEnd: (work: () => void) => void;
  /** Where the repository is, local paths absolute. Throws CONFIG_INVALID if none is named or the address is wrong. */
  readonly repositoryPlace: () => RepositoryUrl;
  /**
   * The device's part of an existing repository, for reading: opened, its description checked, on S3 behind the cache
   * of immutable objects (`fresh`: without it, as `verify` needs). `despiteDamage`: a damaged description is told, and
   * everything else can still be read.
   * Throws CONFIG_INVALID, REPOSITORY_MISSING, FORMAT_UNKNOWN, OBJECT_DAMAGED, and what the store throws.
   */
  readonly openRepository: (options?: OpenOptions) => Promise<OpenedRepository<ObjectReader>>;
  /** The same for reading and writing. */
  readonly openRepositoryForWriting: () => Promise<OpenedRepository<ReadWriteStore>>;
}

export interface OpenOptions {
  readonly fresh?: boolean;
  readonly despiteDamage?: boolean;
}

export interface OpenedRepository<Store extends ObjectReader> {
  readonly repository: Repository<Store>;
  /** Catalog pages on S3; undefined for local repositories and `fresh` ones. */
  readonly pageCache: PageCache | undefined;
  /** Where this machine keeps journals and locks of this device and repository. */
  readonly stateFolder: string;
}
