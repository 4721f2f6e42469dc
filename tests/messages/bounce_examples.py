"""What mail hosts send back, in the manner of each: written for these tests. `{id}` is the Message-ID of the mail that came back."""

from uuid import UUID

ID = UUID("0193f0aa-1111-7abc-8def-0123456789ab")
OURS = f"<{ID.hex}@hubs.dorset.example>"

POSTFIX = """\
Return-Path: <>
Received: by mx.dorset.example (Postfix)
\tid 4X1abc; Mon, 23 Nov 2026 08:00:03 +0000 (GMT)
Date: Mon, 23 Nov 2026 08:00:03 +0000 (GMT)
From: MAILER-DAEMON@mx.dorset.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: hubs@dorset.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4X1abc.1732348803/mx.dorset.example"
Message-Id: <20261123080003.4X1abc@mx.dorset.example>

This is a MIME-encapsulated message.

--4X1abc.1732348803/mx.dorset.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.dorset.example. Your message could not be delivered.

--4X1abc.1732348803/mx.dorset.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.dorset.example
X-Postfix-Queue-ID: 4X1abc
X-Postfix-Sender: rfc822; hubs@dorset.example
Arrival-Date: Mon, 23 Nov 2026 08:00:01 +0000 (GMT)

Final-Recipient: rfc822; jo@families.example
Original-Recipient: rfc822;jo@families.example
Action: {action}
Status: {status}
Remote-MTA: dns; mail.families.example
Diagnostic-Code: smtp; {said}

--4X1abc.1732348803/mx.dorset.example
Content-Description: Undelivered Message
Content-Type: message/rfc822
Content-Transfer-Encoding: 8bit

Return-Path: <hubs@dorset.example>
From: Family Hubs <hubs@dorset.example>
To: jo@families.example
Subject: You are booked
Message-ID: {id}
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="=_0193_0"

--=_0193_0
Content-Type: text/plain

Hello Jo
--=_0193_0--

--4X1abc.1732348803/mx.dorset.example--
"""

EXCHANGE = """\
From: Microsoft Outlook <postmaster@families.onmicrosoft.example>
To: "hubs@dorset.example" <hubs@dorset.example>
Date: Mon, 23 Nov 2026 08:00:05 +0000
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="_b1f0d2c3-aaaa-4bbb-8ccc-0123456789ab_"
X-MS-Exchange-Message-Is-Ndr:
Content-Language: en-GB
Message-ID: <b1f0d2c3-aaaa@families.onmicrosoft.example>
In-Reply-To: {id}
References: {id}
Subject: Undeliverable: You are booked
Auto-Submitted: auto-replied
MIME-Version: 1.0

--_b1f0d2c3-aaaa-4bbb-8ccc-0123456789ab_
Content-Type: multipart/alternative; differences=Content-Type;
\tboundary="_inner_"

--_inner_
Content-Type: text/plain; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

Your message to jo@families.example couldn't be delivered.
jo wasn't found at families.example.

--_inner_
Content-Type: text/html; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

<html><body>Your message couldn't be delivered.</body></html>

--_inner_--

--_b1f0d2c3-aaaa-4bbb-8ccc-0123456789ab_
Content-Type: message/delivery-status

Reporting-MTA: dns;LO1PR01MB0001.families.example
Received-From-MTA: dns;mx.dorset.example
Arrival-Date: Mon, 23 Nov 2026 08:00:04 +0000

Final-Recipient: rfc822;jo@families.example
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient jo@families.example not found by SMTP address lookup

--_b1f0d2c3-aaaa-4bbb-8ccc-0123456789ab_
Content-Type: text/rfc822-headers

Received: from mx.dorset.example (192.0.2.7) by LO1PR01MB0001.families.example
Date: Mon, 23 Nov 2026 08:00:01 +0000
Message-ID:
 {id}
Subject: You are booked
From: Family Hubs <hubs@dorset.example>
To: jo@families.example

--_b1f0d2c3-aaaa-4bbb-8ccc-0123456789ab_--
"""

GMAIL = """\
Received: by 2002:a05:6512:0001 with SMTP id x1; Mon, 23 Nov 2026 00:00:06 -0800 (PST)
Content-Type: multipart/report; boundary="000000000000aaaa0606bbbbcccc"; report-type=delivery-status
To: hubs@dorset.example
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
From: Mail Delivery Subsystem <mailer-daemon@googlemail.example>
References: {id}
In-Reply-To: {id}
X-Failed-Recipients: jo@families.example
Message-ID: <6562aaaa.gmr@mx.google.example>
Date: Mon, 23 Nov 2026 00:00:06 -0800 (PST)

--000000000000aaaa0606bbbbcccc
Content-Type: multipart/related; boundary="000000000000aaaa0606bbbbdddd"

--000000000000aaaa0606bbbbdddd
Content-Type: multipart/alternative; boundary="000000000000aaaa0606bbbbeeee"

--000000000000aaaa0606bbbbeeee
Content-Type: text/plain; charset="UTF-8"

** Address not found **

Your message wasn't delivered to jo@families.example.

--000000000000aaaa0606bbbbeeee
Content-Type: text/html; charset="UTF-8"

<html><body><b>Address not found</b></body></html>
--000000000000aaaa0606bbbbeeee--
--000000000000aaaa0606bbbbdddd
Content-Type: image/png; name="icon.png"
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--000000000000aaaa0606bbbbdddd--
--000000000000aaaa0606bbbbcccc
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.example
Received-From-MTA: dns; hubs@dorset.example
Arrival-Date: Mon, 23 Nov 2026 00:00:05 -0800 (PST)
X-Original-Message-ID: {id}

Final-Recipient: rfc822; jo@families.example
Action: failed
Status: 5.0.0
Remote-MTA: dns; gmail-smtp-in.l.google.example. (192.0.2.26, the server for the domain.)
Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist. Please try
 550-5.1.1 double-checking the recipient's email address for typos or unnecessary spaces.
 550 5.1.1 x1 - gsmtp
Last-Attempt-Date: Mon, 23 Nov 2026 00:00:06 -0800 (PST)

--000000000000aaaa0606bbbbcccc
Content-Type: message/rfc822

X-Received: by 2002:a05:6512:0001 with SMTP id x1
From: Family Hubs <hubs@dorset.example>
To: jo@families.example
Subject: You are booked
Message-ID: {id}
Content-Type: text/plain

Hello Jo

--000000000000aaaa0606bbbbcccc--
"""

AWAY = """\
From: jo@families.example
To: hubs@dorset.example
Subject: Automatic reply: You are booked
Auto-Submitted: auto-replied
In-Reply-To: {id}
References: {id}
Content-Type: text/plain

I am away. The status of my holiday is 5.1.1.
"""

READ_RECEIPT = """\
From: jo@families.example
To: hubs@dorset.example
Subject: Read: You are booked
In-Reply-To: {id}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary="rr"

--rr
Content-Type: message/disposition-notification

Final-Recipient: rfc822;jo@families.example
Original-Message-ID: {id}
Disposition: manual-action/MDN-sent-manually; displayed

--rr--
"""


def of(text: str, of_id: str = OURS, **more: str) -> bytes:
    """The mail as it arrives, about one of ours unless another id is given."""
    known = {
        "action": "failed",
        "status": "5.1.1",
        "said": "550 5.1.1 <jo@families.example>: Recipient address rejected",
    }
    for name, value in (known | more | {"id": of_id}).items():
        text = text.replace("{" + name + "}", value)
    return text.replace("\n", "\r\n").encode()
