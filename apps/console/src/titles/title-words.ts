import { getTrainingStats } from '@at/contracts/training';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';

/** Reads the words that titles have in a column, also those that only the database knows. */
export const titleWords = (column: 'media_type' | 'label') => async (): Promise<string[]> => {
  const stats = await queryClient.fetchQuery({
    queryKey: ['title-words'],
    queryFn: async () => (await call(getTrainingStats, {})).data,
    staleTime: 10_000,
  });
  return Object.keys(stats[column]);
};
