// What pages gain with JavaScript; every one of them is whole without it.

/** The summary of mistakes takes the focus, so that a screen reader begins there (GOV.UK Design System). */
const summary = document.querySelector('.error-summary');
if (summary) {
  summary.focus();
  summary.addEventListener('click', (event) => {
    const link = event.target.closest('a[href^="#"]');
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    field.closest('.field')?.scrollIntoView({ block: 'start' });
    field.focus({ preventScroll: true });
  });
}

/** One click is one request. */
for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = 'yes';
    setTimeout(() => delete form.dataset.sent, 5000);
  });
}

/** One key presses a button of the row that has the focus, and only there (WCAG 2.1.4). */
for (const row of document.querySelectorAll('[data-keys]')) {
  row.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    row.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`)?.click();
  });
}

/** A question that waits for an answer shows once that is given; without JavaScript its words say when it is asked. */
for (const field of document.querySelectorAll('[data-if]')) {
  const form = field.closest('form');
  const codes = field.dataset.is.split(',');
  const update = () => {
    const asked = form.querySelector(`[name="${CSS.escape(field.dataset.if)}"]`)?.closest('.field');
    const given = new FormData(form).getAll(field.dataset.if);
    field.hidden = asked?.hidden || !given.some((code) => codes.includes(code));
  };
  field.querySelector('.field__if').hidden = true;
  form.addEventListener('change', update);
  update();
}

/** The page of a sample copy follows what is typed. */
for (const form of document.querySelectorAll('form[data-sample-of]')) {
  const picture = form.parentElement.querySelector('[data-sample]');
  let waiting;
  form.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const { name, page } = form.elements;
      picture.loading = 'eager';
      picture.src = `${form.dataset.sampleOf}?${new URLSearchParams(new FormData(form))}`;
      picture.alt = `Page ${page.value} of the copy of ${name.value}`;
      picture.parentElement.href = picture.src;
    }, 400);
  });
}

/** A picture that could not be made says why: its address answers with the words. */
async function explain(picture) {
  const trouble = picture.closest('.stack').querySelector('[data-sample-trouble]');
  const answer = picture.complete && picture.naturalWidth > 0 ? undefined : await fetch(picture.src);
  const page = answer && !answer.ok && new DOMParser().parseFromString(await answer.text(), 'text/html');
  const words = page ? [...page.querySelectorAll('.lede, .hero + p')].map((one) => one.textContent) : [];
  trouble.textContent = words.join(' ');
  trouble.hidden = !page;
  picture.parentElement.hidden = Boolean(page);
}
for (const kind of ['load', 'error']) {
  document.addEventListener(kind, (event) => event.target.matches?.('[data-sample]') && explain(event.target), true);
}
