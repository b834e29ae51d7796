import { Button } from '@mantine/core';
import { Link, useLocation } from 'react-router';
import { PageTitle } from '#pages/page-title.tsx';
import { EmptyState } from '#ui/empty-state.tsx';
import { appTexts } from './texts.ts';

const texts = appTexts.notFound;

export function NotFoundPage() {
  const { pathname } = useLocation();
  return (
    <>
      <PageTitle page={texts.page} />
      <EmptyState title={texts.title} text={texts.text(pathname)}>
        <Button component={Link} to="/" variant="default">
          {texts.home}
        </Button>
      </EmptyState>
    </>
  );
}
