import type { MetadataProvider } from '@at/adapters/metadata-provider';
import { ProviderError } from '@at/adapters/provider-error';
import type { QueueSystems } from '@at/adapters/queue-systems';
import { defineTask, FinalFailure } from '@at/runs/task';
import { Type } from 'typebox';
import { itemOf, requireFacts } from '../moves.ts';
import { missingSettings } from '../rules.ts';
import { setMetadata } from '../writes.ts';

const Parameters = Type.Object({
  item: Type.Integer(),
  fresh: Type.Optional(Type.Boolean()),
  stays_published: Type.Optional(Type.Boolean()),
});

/** Fetches what the provider knows of the code of an item. */
export const metadata = defineTask<{ queue: QueueSystems }, typeof Parameters>({
  name: 'item.metadata',
  title: 'Fetch the metadata of a code',
  queue: 'network',
  params: Parameters,
  timeout: 300,
  needs: ({ queue }) => missingSettings.metadata(queue),
  async run({ item: id, fresh = false, stays_published = false }, { adapters, db, signal, finish }) {
    const item = await itemOf(db, id);
    requireFacts('metadata', item);
    const code = item.movie_code as string;
    const provider = adapters.queue.provider as MetadataProvider;
    const found = await provider.search(code, { fresh, signal }).catch((error: unknown) => {
      // Another attempt may reach it; none changes a token or a reply.
      const isFinal = error instanceof ProviderError && ['refused', 'unusable'].includes(error.kind);
      throw isFinal ? new FinalFailure(error.failure, error.message, { cause: error }) : error;
    });
    if (!found) throw new FinalFailure('code_unknown', `The provider does not know ${code}.`);
    await finish(async (trx) => {
      await setMetadata(trx, id, found, { staysPublished: stays_published });
      return { title: found.title, actress: found.actress };
    });
  },
});
