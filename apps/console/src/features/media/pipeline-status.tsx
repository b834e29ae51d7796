import type { PipelineStatus, RejectionStatus, WordOf } from '@at/contracts/vocabulary';
import {
  IconAlertTriangle,
  IconArrowForwardUp,
  IconBan,
  IconCheck,
  IconCircleCheck,
  IconCircleDashed,
  IconDownload,
  IconFileCheck,
  IconFileSearch,
  IconInbox,
  IconListDetails,
  IconPackage,
  IconPlayerPause,
  IconTag,
  IconThumbUp,
  IconTransfer,
  IconTrash,
  type TablerIcon,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { known } from '#ui/known-word.ts';
import styles from './pipeline-status.module.css';
import { mediaTexts as texts } from './texts.ts';

/** The colour of each status. */
type Tone = 'waiting' | 'held' | 'moving' | 'good' | 'bad';

const statusBadges: { [S in PipelineStatus]: { Icon: TablerIcon; tone: Tone } } = {
  ingested: { Icon: IconInbox, tone: 'waiting' },
  paused: { Icon: IconPlayerPause, tone: 'held' },
  parsed: { Icon: IconFileSearch, tone: 'waiting' },
  rejected: { Icon: IconBan, tone: 'bad' },
  file_accepted: { Icon: IconFileCheck, tone: 'waiting' },
  metadata_collected: { Icon: IconListDetails, tone: 'waiting' },
  media_accepted: { Icon: IconThumbUp, tone: 'moving' },
  downloading: { Icon: IconDownload, tone: 'moving' },
  downloaded: { Icon: IconPackage, tone: 'moving' },
  transferred: { Icon: IconTransfer, tone: 'moving' },
  complete: { Icon: IconCircleCheck, tone: 'good' },
};

const rejectionBadges: { [S in RejectionStatus]: { Icon: TablerIcon; tone: Tone } } = {
  unfiltered: { Icon: IconCircleDashed, tone: 'waiting' },
  accepted: { Icon: IconCheck, tone: 'good' },
  rejected: { Icon: IconBan, tone: 'bad' },
  override: { Icon: IconArrowForwardUp, tone: 'held' },
};

/** Of a word that only the database has. */
const otherBadge = { Icon: IconTag, tone: 'waiting' } as const;

function Badge({ Icon, tone, children }: { Icon: TablerIcon; tone: Tone; children: ReactNode }) {
  return (
    <span className={styles.badge} data-tone={tone}>
      <Icon size={16} stroke={1.8} aria-hidden />
      {children}
    </span>
  );
}

/** The pipeline status of a media item. */
export function PipelineBadge({ status }: { status: WordOf<PipelineStatus> }) {
  return <Badge {...(known(statusBadges, status) ?? otherBadge)}>{texts.statusName(status)}</Badge>;
}

/** The rejection status of a media item. */
export function RejectionBadge({ status }: { status: WordOf<RejectionStatus> }) {
  return <Badge {...(known(rejectionBadges, status) ?? otherBadge)}>{texts.rejectionName(status)}</Badge>;
}

/** For an item on which the pipeline failed. */
export function ErrorBadge() {
  return (
    <Badge Icon={IconAlertTriangle} tone="bad">
      {texts.error}
    </Badge>
  );
}

/** For a soft-deleted item. */
export function DeletedBadge() {
  return (
    <Badge Icon={IconTrash} tone="held">
      {texts.deleted}
    </Badge>
  );
}
