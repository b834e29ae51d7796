import { none } from '#ui/format.ts';
import type { DecisionTree, TreeNode } from './decision-tree.ts';
import { modelTexts } from './texts.ts';
import styles from './tree.module.css';

const texts = modelTexts.table;

const targets = (node: TreeNode, wanted: (branch: TreeNode['branches'][number]) => boolean) =>
  node.branches
    .filter(wanted)
    .map((branch) => branch.node.id)
    .join(', ') || none;

/** The tree as a table: each node, its question, and the nodes of its answers. */
export function TreeTable({ tree, name }: { tree: DecisionTree; name: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable by keyboard
    <section className={styles.scroller} tabIndex={0} aria-label={texts.caption(name)}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{texts.node}</th>
            <th scope="col">{texts.says}</th>
            <th scope="col">{texts.no}</th>
            <th scope="col">{texts.yes}</th>
            <th scope="col">{texts.missing}</th>
          </tr>
        </thead>
        <tbody>
          {tree.nodes.map((node) => (
            <tr key={node.id}>
              <th scope="row">{node.id}</th>
              <td>
                <bdi>{node.text}</bdi>
              </td>
              {node.branches.length === 0 ? (
                <td colSpan={3}>{texts.leaf}</td>
              ) : (
                <>
                  <td>{targets(node, ({ answer }) => answer === 'no')}</td>
                  <td>{targets(node, ({ answer }) => answer === 'yes')}</td>
                  <td>{targets(node, ({ missing }) => missing)}</td>
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
