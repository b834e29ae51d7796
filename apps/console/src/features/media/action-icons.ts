import {
  IconCircleCheck,
  IconDownload,
  IconRestore,
  IconRotate,
  IconTrash,
  type TablerIcon,
} from '@tabler/icons-react';
import type { MediaAction } from './items.ts';

export const actionIcons: { [A in MediaAction]: TablerIcon } = {
  reingest: IconRotate,
  approve: IconDownload,
  finish: IconCircleCheck,
  delete: IconTrash,
  restore: IconRestore,
};
