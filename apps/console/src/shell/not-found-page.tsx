import { Button } from '@mantine/core';
import { Link, useLocation } from 'react-router';
import { Blank } from '#shared/blank.tsx';
import { PageTitle } from '#shared/page-title.tsx';
import { shellTexts } from '#shared/texts/shell.ts';

const texts = shellTexts.notFound;

export function NotFoundPage() {
  const { pathname } = useLocation();
  return (
    <>
      <PageTitle name={texts.page} />
      <Blank title={texts.title} text={texts.text(pathname)}>
        <Button component={Link} to="/" variant="default">
          {texts.home}
        </Button>
      </Blank>
    </>
  );
}
