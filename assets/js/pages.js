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
