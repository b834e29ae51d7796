import { type Disk, disk } from './disk.ts';
import { type MediaServer, type MediaServerSettings, openMediaServer } from './media-server.ts';
import { type MetadataProvider, type MetadataProviderSettings, openMetadataProvider } from './metadata-provider.ts';

/** Directories of the processing queue: absolute paths without a trailing slash. Each holds the marker of a root. */
export type QueueFolders = { watch: string; library: string; unprocessed: string };

/** null: not configured. */
export type QueueSettings = {
  folders: QueueFolders | null;
  provider: MetadataProviderSettings | null;
  server: MediaServerSettings | null;
};

/** What the processing queue works with. */
export type QueueSystems = {
  folders: QueueFolders | null;
  provider: MetadataProvider | null;
  server: MediaServer | null;
  disk: Disk;
  /** Awaited between two steps of a move: tests interrupt there. */
  boundary?: (done: string) => void | Promise<void>;
};

/** Nothing is connected before the first call. */
export function openQueueSystems({ folders, provider, server }: QueueSettings): QueueSystems {
  return {
    folders,
    disk,
    provider: provider && openMetadataProvider(provider),
    server: server && openMediaServer(server),
  };
}
