// First thing in <body>: styles may now rely on scripts. Not inline, because the content security policy forbids it.
document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) document.body.classList.add("govuk-frontend-supported");
