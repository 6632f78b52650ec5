/**
 * Mailbox providers where people keep private addresses. Our own list, compiled November 2026 from the providers' own
 * sign-up pages; a domain is here only when anybody can open a mailbox on it. Kept short on purpose: an address that is
 * missed counts as business and does no harm.
 */
export const PERSONAL_MAILBOXES: ReadonlySet<string> = new Set(
  `
  gmail.com googlemail.com
  outlook.com outlook.de outlook.fr outlook.es outlook.it outlook.ie hotmail.com hotmail.co.uk hotmail.de hotmail.fr
  hotmail.it hotmail.es hotmail.nl live.com live.co.uk live.nl live.fr live.de live.be live.se live.dk msn.com
  yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.es yahoo.it yahoo.ca yahoo.co.in yahoo.co.jp yahoo.com.br yahoo.com.au
  ymail.com rocketmail.com myyahoo.com aol.com aol.co.uk
  icloud.com me.com mac.com
  proton.me protonmail.com protonmail.ch pm.me tuta.com tuta.io tutanota.com tutanota.de tutamail.com
  fastmail.com fastmail.fm hey.com hushmail.com mailfence.com posteo.de posteo.net mailbox.org startmail.com runbox.com
  zohomail.eu zohomail.com mail.com email.com usa.com gmx.com gmx.net gmx.de gmx.at gmx.ch gmx.co.uk web.de t-online.de
  freenet.de arcor.de
  btinternet.com btopenworld.com sky.com virginmedia.com ntlworld.com blueyonder.co.uk talktalk.net tiscali.co.uk
  eircom.net
  orange.fr wanadoo.fr free.fr laposte.net sfr.fr bbox.fr neuf.fr
  libero.it virgilio.it alice.it tin.it tiscali.it
  ziggo.nl kpnmail.nl planet.nl xs4all.nl home.nl hetnet.nl telenet.be skynet.be proximus.be
  bluewin.ch telia.com bredband.net online.no
  wp.pl o2.pl onet.pl interia.pl op.pl gazeta.pl seznam.cz email.cz centrum.cz azet.sk freemail.hu citromail.hu abv.bg
  mail.ru bk.ru inbox.ru list.ru yandex.ru yandex.com ya.ru rambler.ru ukr.net i.ua
  qq.com foxmail.com 163.com 126.com yeah.net sina.com sohu.com naver.com daum.net hanmail.net docomo.ne.jp
  rediffmail.com
  comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net
  sympatico.ca rogers.com shaw.ca telus.net bigpond.com optusnet.com.au xtra.co.nz uol.com.br bol.com.br terra.com.br
  `
    .trim()
    .split(/\s+/),
);
