/** Reports as mail servers write them, each in its own way. */

const crlf = (text: string): string => text.trim().replace(/\n/g, '\r\n');

interface Dsn {
  action?: string;
  status?: string;
  diagnostic?: string;
  original?: string;
}

/** A delivery status notification (RFC 3464) about our message. */
export function dsn({
  action = 'failed',
  status = '5.1.1',
  diagnostic = 'smtp; 550 5.1.1 <ada@acme.example>: no such\n    user here',
  original = 'Message-ID: <k3y@doors.example>\nSubject: Your copy',
}: Dsn = {}): string {
  return crlf(`
From: MAILER-DAEMON@mx.acme.example (Mail Delivery System)
To: bounce@doors.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=utf-8

I'm sorry to have to inform you that your message could not be delivered.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.acme.example
Arrival-Date: Tue, 24 Nov 2026 10:00:00 +0000

Final-Recipient: rfc822; ada@acme.example
Action: ${action}
Status: ${status}
Remote-MTA: dns; inner.acme.example
Diagnostic-Code: ${diagnostic}

--b1
Content-Type: text/rfc822-headers

${original}

--b1--
`);
}

/** An abuse report (ARF, RFC 5965). */
export function arf(type = 'abuse', returnPath = ''): string {
  return crlf(`
From: feedback@isp.example
To: abuse@doors.example
Subject: FW: Your copy
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="a1"

--a1
Content-Type: text/plain

This is an email abuse report.

--a1
Content-Type: message/feedback-report

Feedback-Type: ${type}
User-Agent: ISP-FBL/1.0
Version: 1
${returnPath === '' ? '' : `Original-Mail-From: <${returnPath}>\n`}
--a1
Content-Type: message/rfc822

From: Doors Weekly <papers@doors.example>
To: ada@acme.example
Message-ID: <k3y@doors.example>
Subject: Your copy

Here it is.

--a1--
`);
}
