import type { PipelineStatus, RejectionStatus } from '@at/contracts/vocabulary';
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
  IconThumbUp,
  IconTransfer,
  IconTrash,
  type TablerIcon,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import styles from './pipeline-status.module.css';
import { mediaTexts as texts } from './texts.ts';

/** The colour of each status. */
type Tone = 'waiting' | 'held' | 'moving' | 'good' | 'bad';

export const statusMarks: { [S in PipelineStatus]: { Icon: TablerIcon; tone: Tone } } = {
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

const rejectionMarks: { [S in RejectionStatus]: { Icon: TablerIcon; tone: Tone } } = {
  unfiltered: { Icon: IconCircleDashed, tone: 'waiting' },
  accepted: { Icon: IconCheck, tone: 'good' },
  rejected: { Icon: IconBan, tone: 'bad' },
  override: { Icon: IconArrowForwardUp, tone: 'held' },
};

function Mark({ Icon, tone, children }: { Icon: TablerIcon; tone: Tone; children: ReactNode }) {
  return (
    <span className={styles.mark} data-tone={tone}>
      <Icon size={16} stroke={1.8} aria-hidden />
      {children}
    </span>
  );
}

/** The pipeline status of a media item. */
export function PipelineBadge({ status }: { status: PipelineStatus }) {
  return <Mark {...statusMarks[status]}>{texts.status[status].name}</Mark>;
}

/** The rejection status of a media item. */
export function RejectionMark({ status }: { status: RejectionStatus }) {
  return <Mark {...rejectionMarks[status]}>{texts.rejection[status].name}</Mark>;
}

/** For an item on which the pipeline failed. */
export function ErrorMark() {
  return (
    <Mark Icon={IconAlertTriangle} tone="bad">
      {texts.error}
    </Mark>
  );
}

/** For a soft-deleted item. */
export function DeletedMark() {
  return (
    <Mark Icon={IconTrash} tone="held">
      {texts.deleted}
    </Mark>
  );
}
