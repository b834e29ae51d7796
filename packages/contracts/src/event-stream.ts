import { type TSchema, type TString, Type } from 'typebox';

const streamOf = (example: string) => ({ 'text/event-stream': { schema: Type.String({ examples: [example] }) } });

/** An endless reply of server-sent events. */
export const eventStream = (description: string, example: string) =>
  ({ description, content: streamOf(example) }) as unknown as TString;

/** This reply, or where the request accepts `text/event-stream` an endless one of server-sent events. */
export const orEventStream = <S extends TSchema>(schema: S, description: string, example: string) =>
  ({ description, content: { 'application/json': { schema }, ...streamOf(example) } }) as unknown as S;
