import { type TProperties, type TSchema, type TUnknown, type TUnsafe, Type } from 'typebox';
import { type Endpoint, endpoint, type QueryOf } from './endpoint.ts';
import { type pageParameters, StringEnum } from './paging.ts';
import { problems } from './problem.ts';

export const exportFormats = ['csv', 'json', 'ndjson'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** The column that rows hold times ten; a file for people has it out of ten, as on screen. */
export const timesTen = 'imdb_rating';

/** This reply, or where the request has a format a file with such rows. */
export const orFile = <S extends TSchema>(schema: S, rows: TSchema, description: string) =>
  ({
    description,
    content: {
      'application/json': { schema: Type.Union([schema, rows]) },
      'text/csv': { schema: Type.String() },
      'application/x-ndjson': { schema: Type.String() },
    },
  }) as unknown as S;

/** The list's parameters without paging, plus the format. */
type ExportQuery<E extends Endpoint> = Omit<QueryOf<E>, keyof typeof pageParameters> & { format?: ExportFormat };

type ListEndpoint = Endpoint & {
  schema: { querystring: { properties: TProperties }; response: { 200: { properties: TProperties } } };
};

/** The export endpoint of a list: the same filters and order, every row. */
export function exportOf<const E extends ListEndpoint, const Id extends string>(
  list: E,
  {
    operationId,
    summary,
    description = '',
    row,
  }: {
    operationId: Id;
    summary: string;
    description?: string;
    /** A row of the file, if it has more than that of the list, or if the list has other members than `data`. */
    row?: TSchema;
  },
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
    StringEnum(exportFormats, { default: 'csv', description: 'csv, json (one array) or ndjson (one object per line)' }),
  );
  const data = row ? Type.Array(row) : (list.schema.response[200].properties.data as TSchema);
  return endpoint({
    method: 'GET',
    url: `${list.url.replace(/\/$/, '')}/export`,
    config: { role: 'viewer' },
    schema: {
      operationId,
      summary,
      description:
        `Accepts the filters and the order of the list; no paging. ${description}` +
        'In csv, "; " joins lists (a list with nested lists, ' +
        'null, empty text or a semicolon is JSON), and text that a spreadsheet would run as a formula starts with an ' +
        `apostrophe; ${timesTen} is out of ten, as on screen. Rows are read while they are sent: a row that changes during the export may appear twice or not at all. ` +
        'An export that fails ends without the final chunk of its transfer encoding, so that the client sees an error.',
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
