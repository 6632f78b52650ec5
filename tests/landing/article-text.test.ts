import { articleText } from '../../src/landing/article-text';

test('the promo box splits the article where its mark stands', () => {
  expect(articleText('One\n\n<!-- promo -->\n\nTwo')).toEqual({ before: '<p>One</p>\n', after: '<p>Two</p>\n' });
  expect(articleText('One')).toEqual({ before: '<p>One</p>\n', after: '' });
});

test('nothing in an article can run or embed', () => {
  const { before } = articleText(
    '<script>alert(1)</script>\n\n[x](javascript:alert(1)) [y](data:text/html,1) [z](https://example.com "t")\n\n![p](https://elsewhere.example/p.png)\n\n<img src=x onerror=alert(1)>',
  );
  expect(before).not.toMatch(/<script|<img|href="(?:javascript|data)/i);
  expect(before).toContain('<a href="https://example.com" title="t" rel="noopener">z</a>');
});
