import type { Example } from '#docs/examples/example.ts';
import { type CommonProblem, commonProblems, unknownParameter } from '#docs/examples/problems.ts';

/** Puts examples into the document: of each body, each reply and each refusal. */

type Media = {
  schema: { required?: string[] };
  example?: unknown;
  examples?: Record<string, { $ref: string }>;
};
type Content = Record<string, Media>;

/** What is looked at of an operation of the document. */
export type Operation = {
  operationId: string;
  summary: string;
  tags: string[];
  parameters?: { name: string; in: string; schema?: object }[];
  requestBody?: { required?: boolean; content: Content };
  'x-least-role'?: string;
  'x-reply-headers'?: readonly ('ETag' | 'Age' | 'X-Flyway-Schema')[];
  responses: Record<string, { description: string; headers?: object; content?: Content }>;
};

/** The example of an error status; operations share most of them, so that the document has each once. */
function problemOf(method: string, path: string, operation: Operation, status: number): CommonProblem | object {
  const isRead = method === 'get';
  const query = (operation.parameters ?? []).filter((one) => one.in === 'query').map(({ name }) => name);
  switch (status) {
    case 400:
      return operation.requestBody ? 'BadJson' : 'BadPath';
    case 401:
      return 'KeyRequired';
    case 403:
      return operation['x-least-role'] === 'public' ? 'OriginRefused' : 'RoleRefused';
    case 404:
      return path.includes('{hash}') ? 'MediaNotFound' : 'TitleNotFound';
    case 408:
      return 'TooSlow';
    case 412:
      return 'StaleVersion';
    case 413:
      return 'BodyTooLarge';
    case 415:
      return 'NotJson';
    case 421:
      return 'HostRefused';
    case 422:
      if (operation.requestBody) return 'UnknownMember';
      return query.includes('limit') ? 'LimitTooSmall' : unknownParameter(query);
    case 429:
      return 'TooManyKeys';
    case 431:
      return 'HeadersTooLarge';
    case 502:
      return 'TransmissionRefused';
    case 503:
      return isRead ? 'ReadUnavailable' : 'WriteUnavailable';
    default:
      return 'Unforeseen';
  }
}

const shared = (name: CommonProblem) => ({ examples: { [name]: { $ref: `#/components/examples/${name}` } } });

/** Adds to the operations of a document; an operation without an example stays without, which a test refuses. */
export function addExamples(paths: Record<string, Record<string, Operation>>, examples: Example[]): void {
  const byOperation = new Map(examples.map((one) => [one.operationId, one]));
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const example = byOperation.get(operation.operationId);
      for (const [status, { content = {} }] of Object.entries(operation.responses)) {
        const kinds = Object.entries(content);
        for (const [kind, media] of kinds) {
          if (Number(status) < 300) {
            if (!example) continue;
            media.example = kinds.length > 1 ? (example.reply as Record<string, unknown>)[kind] : example.reply;
            continue;
          }
          const own = example?.problems[Number(status)] ?? problemOf(method, path, operation, Number(status));
          Object.assign(media, typeof own === 'string' ? shared(own as CommonProblem) : { example: own });
        }
      }
      for (const media of Object.values(operation.requestBody?.content ?? {})) {
        if (example?.body !== undefined) media.example = example.body;
      }
    }
  }
}

/** The refusals that operations share, for the document's components. */
export const sharedExamples = Object.fromEntries(
  Object.entries(commonProblems).map(([name, value]) => [name, { value }]),
);
