/** What to do about each failure of a file, as sentences. */
export const remedyTexts = {
  noCode: 'Set its code. The steps after it start at once.',
  unknownCode: 'Check the code and set another one, or retry when the provider knows it.',
  noMetadata: 'Fetch the metadata first.',
  notMoved: 'Move the file into the library first.',
  gone: 'Put the file back and retry, or remove it from the queue.',
  changed: 'Process the file from the start, as it is now.',
  otherValues: 'Unlock these fields on the media server, then publish again.',
  notFound: 'Make sure that the media server has this library, then retry.',
  setting: 'Correct the setting, restart the API and the workers, then retry.',
  removal: 'Move the file to the trash again, or process it from the start.',
  taken: 'Move the file that is in its place, then rename and move again.',
  noServer: 'Make sure that the server runs and can be reached, then retry.',
  disk: 'Make sure that the disk is there and has space, then retry.',
  cancelled: 'It was stopped. A retry continues where it stopped.',
  retry: 'A retry continues at this step.',
} as const;
