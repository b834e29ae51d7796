import { type TProperties, type TSchema, type TUnknown, type TUnsafe, Type } from 'typebox';
import { type Endpoint, endpoint, type QueryOf } from './endpoint.ts';
import { type pageParameters, Words } from './paging.ts';
import { problems } from './problem.ts';

export const exportFormats = ['csv', 'json', 'ndjson'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** The list's parameters but for paging, and the format. */
type ExportQuery<E extends Endpoint> = Omit<QueryOf<E>, keyof typeof pageParameters> & { format?: ExportFormat };

type ListEndpoint = Endpoint & {
  schema: { querystring: { properties: TProperties }; response: { 200: { properties: { data: TSchema } } } };
};

/** A list as a file: the same filters and the same order, every row. */
export function exportOf<const E extends ListEndpoint, const Id extends string>(
  list: E,
  { operationId, summary }: { operationId: Id; summary: string },
) {
  const {
    limit: _,
    offset: __,
    page: ___,
    cursor: ____,
    count: _____,
    ...parameters
  } = list.schema.querystring.properties;
  const format = Type.Optional(
    Words(exportFormats, { default: 'csv', description: 'csv, json (one array) or ndjson (an object a line)' }),
  );
  const { data } = list.schema.response[200].properties;
  return endpoint({
    method: 'GET',
    url: `${list.url.replace(/\/$/, '')}/export`,
    config: { role: 'viewer' },
    schema: {
      operationId,
      summary,
      description:
        'Takes the filters and the order of the list; no paging. In csv, lists are joined by "; ", and text that a ' +
        'spreadsheet would run as a formula has an apostrophe before it. The rows are read while they are sent: a row ' +
        'that others change meanwhile may come twice or not at all. A file that could not be finished ends without ' +
        'the end of its transfer encoding, so that the caller notices.',
      tags: list.schema.tags,
      querystring: Type.Object({ format, ...parameters }) as unknown as TUnsafe<ExportQuery<E>>,
      response: {
        200: {
          description: summary,
          content: {
            'text/csv': { schema: Type.String() },
            'application/json': { schema: data },
            'application/x-ndjson': { schema: Type.String() },
          },
        } as unknown as TUnknown,
        ...problems(),
      },
    },
  });
}
