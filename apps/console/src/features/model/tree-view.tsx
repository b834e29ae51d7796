import { ActionIcon, Alert } from '@mantine/core';
import { IconAlertTriangle, IconArrowBarToUp, IconMaximize, IconMinus, IconPlus } from '@tabler/icons-react';
import { type KeyboardEvent, useId, useMemo, useRef, useState } from 'react';
import { type ReactZoomPanPinchContentRef, TransformComponent, TransformWrapper } from 'react-zoom-pan-pinch';
import { useKeys } from '#keys/bindings.ts';
import { formatInteger } from '#ui/format.ts';
import { type DecisionTree, readTree, TreeFault } from './decision-tree.ts';
import { treeViewKeys } from './keys.ts';
import { modelTexts } from './texts.ts';
import styles from './tree.module.css';
import { TreeDrawing } from './tree-drawing.tsx';
import { type Layout, layOut } from './tree-layout.ts';
import { TreeLegend } from './tree-legend.tsx';
import { TreeTable } from './tree-table.tsx';

const texts = modelTexts.trees;

/** One tree, drawn from its DOT source, or why it cannot be drawn. */
export function TreeView({ source, name }: { source: string; name: string }) {
  const read = useMemo(() => {
    try {
      const tree = readTree(source);
      return { tree, layout: layOut(tree) };
    } catch (error) {
      if (error instanceof TreeFault) return { fault: error.message };
      throw error;
    }
  }, [source]);
  if (read.fault !== undefined) {
    return (
      <Alert
        variant="default"
        icon={<IconAlertTriangle />}
        title={modelTexts.faults.title}
        role="alert"
        className={styles.fault ?? ''}
      >
        {read.fault} {modelTexts.faults.next}
      </Alert>
    );
  }
  return <Shown tree={read.tree} layout={read.layout} name={name} />;
}

/** At a smaller scale nothing is readable: the view then starts at the root. */
const readable = 0.55;
const panSteps: Record<string, [x: number, y: number]> = {
  ArrowLeft: [80, 0],
  ArrowRight: [-80, 0],
  ArrowUp: [0, 80],
  ArrowDown: [0, -80],
};

function Shown({ tree, layout, name }: { tree: DecisionTree; layout: Layout; name: string }) {
  const view = useRef<ReactZoomPanPinchContentRef>(null);
  const rootId = useId();
  const about = texts.about(
    formatInteger(tree.nodes.length - tree.leaves),
    formatInteger(tree.leaves),
    formatInteger(tree.depth),
  );

  const toRoot = (controls = view.current) => {
    const wrapper = controls?.instance.wrapperComponent;
    if (wrapper) void controls.setTransform(wrapper.offsetWidth / 2 - layout.root.x, 0, 1, 0);
  };
  const toWhole = () => void view.current?.fitToView({ maxScale: 1, animationTime: 0 });
  const begin = (controls: ReactZoomPanPinchContentRef) => {
    const wrapper = controls.instance.wrapperComponent;
    if (!wrapper) return;
    const fitting = Math.min(wrapper.offsetWidth / layout.width, wrapper.offsetHeight / layout.height);
    if (fitting < readable) toRoot(controls);
    else void controls.fitToView({ maxScale: 1, animationTime: 0 });
  };
  const zoomIn = () => void view.current?.zoomIn(0.4, 0);
  const zoomOut = () => void view.current?.zoomOut(0.4, 0);
  useKeys(treeViewKeys, { zoomIn, zoomOut, whole: toWhole, root: () => toRoot() });
  const onKeyDown = (event: KeyboardEvent) => {
    const step = panSteps[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    void view.current?.panBy(...step, 0);
  };

  return (
    <>
      <div className={styles.frame}>
        <TransformWrapper
          ref={view}
          minScale={0.01}
          maxScale={2.5}
          limitToBounds={false}
          onInit={begin}
          // The wheel scrolls the page; with Ctrl, and by pinching, it zooms.
          wheel={{ wheelDisabled: true }}
          doubleClick={{ disabled: true }}
          velocityAnimation={{ disabled: true }}
        >
          <TransformComponent
            wrapperClass={styles.viewport ?? ''}
            wrapperProps={{
              tabIndex: 0,
              role: 'group',
              'aria-label': texts.viewport(name),
              'aria-describedby': rootId,
              onKeyDown,
            }}
          >
            <TreeDrawing layout={layout} label={texts.drawing(name, about)} />
          </TransformComponent>
        </TransformWrapper>
        <div className={styles.controls}>
          <Control label={texts.zoomIn} onClick={zoomIn}>
            <IconPlus size={16} />
          </Control>
          <Control label={texts.zoomOut} onClick={zoomOut}>
            <IconMinus size={16} />
          </Control>
          <Control label={texts.fit} onClick={toWhole}>
            <IconMaximize size={16} />
          </Control>
          <Control label={texts.root} onClick={() => toRoot()}>
            <IconArrowBarToUp size={16} />
          </Control>
        </div>
      </div>
      <p id={rootId} className={styles.about}>
        {about}
      </p>
      <TreeLegend />
      <LazyDetails title={modelTexts.table.title}>
        <TreeTable tree={tree} name={name} />
      </LazyDetails>
    </>
  );
}

function Control({ label, onClick, children }: { label: string; onClick: () => void; children: React.ReactNode }) {
  return (
    <ActionIcon
      variant="default"
      size="md"
      aria-label={label}
      data-tooltip={label}
      data-tooltip-at="left"
      onClick={onClick}
    >
      {children}
    </ActionIcon>
  );
}

/** Content that renders when it is opened. */
function LazyDetails({ title, children }: { title: string; children: React.ReactNode }) {
  const [opened, setOpened] = useState(false);
  return (
    <details className={styles.more} onToggle={({ currentTarget }) => setOpened(currentTarget.open)}>
      <summary>{title}</summary>
      {opened && children}
    </details>
  );
}
