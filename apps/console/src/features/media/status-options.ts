import { pipelineStatuses, rejectionStatuses } from '@at/contracts/vocabulary';
import { mediaTexts as texts } from './texts.ts';

/** The options of the three statuses, for selects. */

export const pipelineOptions = pipelineStatuses.map((value) => ({ value, label: texts.status[value].name }));
export const rejectionOptions = rejectionStatuses.map((value) => ({ value, label: texts.rejection[value].name }));
export const errorOptions = [true, false].map((value) => ({ value: String(value), label: texts.yesNo(value) }));
