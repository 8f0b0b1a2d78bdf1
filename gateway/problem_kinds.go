// SPDX-License-Identifier: Apache-2.0

package gateway

// kind is a problem type of the gateway; its data is in problemKinds.
type kind uint8

const (
	kindInternal kind = iota
	kindInvalidRequest
	kindMalformedBody
	kindBodyCut
	kindUnsafePath
	kindUnauthorized
	kindForbidden
	kindNotFound
	kindMethodNotAllowed
	kindNotAcceptable
	kindBodySlow
	kindBodyTooLarge
	kindURLTooLong
	kindMediaType
	kindUnmappable
	kindTooLargeForHost
	kindRateLimited
	kindTooManyHeaders
	kindKeyMissing
	kindKeyInvalid
	kindKeyReused
	kindKeyExpired
	kindKeyRunning
	kindKeyInDoubt
	kindJournal
	kindHostOutcome
	kindAnswerLost
	kindReplyUnreadable
	kindReplyForeign
	kindResponseInvalid
	kindNotApplied
	kindPartlyApplied
	kindNotReady
	kindIdentityUnavailable
	kindUnavailable
	kindOverloaded
	kindTooShort
	kindUnreachable
	kindCanceled
	kindNoReply
	kindInDoubt
	kindCount
)

// Words of the member "outcome": what became of the work at the host.
const (
	outcomeNotSent    = "not-sent"
	outcomeNotApplied = "not-applied"
	outcomeApplied    = "applied"
	outcomeUnknown    = "unknown"
)

// Words of the member "retry": whether sending the same request again makes sense.
const (
	retryLater   = "later"   // nothing happened: send it again after a while
	retrySafe    = "safe"    // the operation changes nothing: it may be sent again
	retryChanged = "changed" // it will fail again unless the request is changed
	retryNever   = "never"   // it must not be sent again before its outcome is known
	// For operations with idempotency keys.
	retrySameKey = "same-key-after" // send it again with the same key after a while
	retryNewKey  = "new-key"        // nothing was done: it may be sent again, with another key
)

// problemKind is what the documentation and the answer say about a kind.
type problemKind struct {
	name   string
	status int
	title  string
	detail string
	// outcome and retry are what holds for every problem of the kind; "" when it depends.
	outcome, retry string
	// cause and cure are for the reference.
	cause, cure string
}

// info returns the data of a kind.
func (k kind) info() *problemKind { return &problemKinds[k] }

// problemKinds is the one table of problems, in the order of kind.
//
//nolint:gochecknoglobals // a table that is only read
var problemKinds = [kindCount]problemKind{
	kindInternal: {
		"internal", 500, "Fault of the gateway", "The gateway could not process the request.", "", "",
		"The gateway failed by a fault of its own or of its workspace.", "Report it with the trace id. The log has the cause. Look at `outcome` before sending again.",
	},
	kindInvalidRequest: {
		"invalid-request", 400, "Request breaks the contract", "The request is not what the API description says.", outcomeNotSent, retryChanged,
		"A parameter or the body is missing, of the wrong type, out of bounds, repeated, or not known to the contract.", "Correct what `errors` names.",
	},
	kindMalformedBody: {
		"malformed-body", 400, "Body is not JSON", "The request body is not well-formed JSON.", outcomeNotSent, retryChanged,
		"The body is no JSON document, or one that different readers would understand differently, such as one with a member twice.", "Send well-formed JSON in UTF-8.",
	},
	kindBodyCut: {
		"incomplete-body", 400, "Body is incomplete", "The request body ended early or is framed wrongly.", outcomeNotSent, retrySafe,
		"The connection delivered less than the length announced, or chunks that break HTTP. Nothing of it was used.", "Send the request again on a new connection.",
	},
	kindUnsafePath: {
		"unsafe-path", 400, "Path cannot be served", "The path can be read in more than one way.", outcomeNotSent, retryChanged,
		"The path has dot segments, empty segments, encoded slashes, backslashes, control characters, stray semicolons or bytes that are not UTF-8.", "Send the plain path of the API description.",
	},
	kindUnauthorized: {
		"unauthorized", 401, "Credential is needed", "The request shows no valid credential for this operation.", outcomeNotSent, retryChanged,
		"The API description asks for a key or token, and the request has none, a second one, or one that is not valid: unknown, expired, of another issuer or for another audience. Which of these is not told.", "Get a key or a new token; `WWW-Authenticate` names what is taken.",
	},
	kindForbidden: {
		"forbidden", 403, "Not allowed", "The caller may not do this.", outcomeNotSent, retryChanged,
		"The caller is known, and lacks a scope or role that the operation needs (`WWW-Authenticate` names the scopes), or asks for something that belongs to another.", "Ask for a token with the scope, or for what belongs to the caller.",
	},
	kindNotFound: {
		"not-found", 404, "No such path", "The API has no such path.", outcomeNotSent, retryChanged,
		"No path of the contract matches. Paths match exactly: case and trailing slashes count.", "Use a path of the API description.",
	},
	kindMethodNotAllowed: {
		"method-not-allowed", 405, "Method is not allowed here", "The API does not have this method on this path.", outcomeNotSent, retryChanged,
		"The contract has the path, but not with this method.", "Use a method of the `Allow` header.",
	},
	kindNotAcceptable: {
		"not-acceptable", 406, "No acceptable media type", "The API answers in a media type that the request does not accept.", outcomeNotSent, retryChanged,
		"`Accept` names no media type in which the API description says that the operation answers, or gives them the weight 0.", "Send `Accept: application/json`, or no `Accept`.",
	},
	kindBodySlow: {
		"slow-body", 408, "Body did not come in time", "The request body did not come in time.", outcomeNotSent, retrySafe,
		"The body took longer than the gateway waits for one.", "Send it again on a better connection.",
	},
	kindBodyTooLarge: {
		"body-too-large", 413, "Body is too large", "The request body is larger than allowed.", outcomeNotSent, retryChanged,
		"The body is larger than the limit that the operator set.", "Send less at once.",
	},
	kindURLTooLong: {
		"url-too-long", 414, "URL is too long", "The target of the request is longer than the limit.", outcomeNotSent, retryChanged,
		"Path and query together exceed `gateway.limits.url`.", "Send less in the query.",
	},
	kindMediaType: {
		"media-type", 415, "Media type is not supported", "The body must be of a media type that the API description names, and text must be in UTF-8.", outcomeNotSent, retryChanged,
		"Content-Type is missing, is no media type that the contract names, has a charset other than utf-8, or the body is compressed.", "Send one of the media types in `Accept`.",
	},
	kindUnmappable: {
		"field-unmappable", 422, "Value does not fit the host's record", "A value is valid JSON, but the host's record cannot hold it.", outcomeNotSent, retryChanged,
		"A text is too long, a number has too many digits, or a character is not in the host's code page. Nothing is cut off, rounded or replaced.", "Correct what `errors` names.",
	},
	kindTooLargeForHost: {
		"message-too-large", 422, "Message is too large for the host", "The request makes a message larger than the host takes.", outcomeNotSent, retryChanged,
		"The message for the host exceeds the limit of the connection.", "Send less at once.",
	},
	kindRateLimited: {
		"rate-limited", 429, "Too many requests", "More requests came than the API allows in this time.", outcomeNotSent, retryLater,
		"A rate policy of the gateway allows no more for this caller, address or operation now. `RateLimit-Policy` names it.", "Send it again after the time in `Retry-After`.",
	},
	kindTooManyHeaders: {
		"too-many-headers", 431, "Too many header lines", "The head of the request has more lines than the limit.", outcomeNotSent, retryChanged,
		"The head has more lines than `gateway.limits.headers`. A head that is too large as a whole gets 431 without a document.", "Send fewer headers.",
	},
	kindKeyMissing: {
		"key-missing", 400, "Idempotency key is missing", "The operation changes something and needs the header Idempotency-Key.", outcomeNotSent, retryChanged,
		"The request has no `Idempotency-Key`. Without one, a request whose answer was lost could not be repeated without the danger of doing the work twice.", "Make a key, for example a UUID of version 7, for each thing that is to be done, and send the same one with every attempt to do it.",
	},
	kindKeyInvalid: {
		"key-invalid", 400, "Idempotency key is not usable", "The header Idempotency-Key must hold one key of 16 to 128 visible ASCII characters.", outcomeNotSent, retryChanged,
		"The key is too short, too long, has characters that are not visible, or stands there twice.", "Send one key, plain or in double quotes.",
	},
	kindKeyReused: {
		"key-reused", 422, "Idempotency key was used for another request", "The same key came before with another request.", outcomeNotSent, retryChanged,
		"Path, query or body are not those of the first request with this key. Nothing was sent to the host for this request.", "Use a new key for something new. To repeat a request send exactly what was sent first.",
	},
	kindKeyExpired: {
		"key-expired", 422, "Idempotency key is too old", "The key was made longer ago than the gateway remembers.", outcomeNotSent, retryChanged,
		"The key is a UUID of version 7, and the time in it lies before the time for which operations are kept. Whether the operation was done then is not known any more.", "Look at the state of things first. Use a new key if it is to be done again.",
	},
	kindKeyRunning: {
		"operation-running", 409, "The operation is running", "The same request came before and is still being worked on.", outcomeUnknown, retrySameKey,
		"A request with this key is under way. It is not begun again.", "Send it again with the same key after the time in `Retry-After`, or look at the path in `operation`.",
	},
	kindKeyInDoubt: {
		"operation-in-doubt", 409, "The operation is in doubt", "The same request was sent to the host before, and its outcome is not known yet.", outcomeUnknown, retrySameKey,
		"The reply to the first request was lost. The gateway finds out what became of it, by the means that the operation declares, or an operator does.", "Send it again with the same key later, or look at the path in `operation`. Do not use a new key.",
	},
	kindJournal: {
		"journal-unavailable", 503, "Operation cannot be recorded", "The operation cannot be recorded at the moment. Nothing was sent to the host.", outcomeNotSent, retrySameKey,
		"The journal cannot record the intent: its disk or database fails, is full or slow, another process holds it, or it was lost and an operator has not accepted that yet. Operations that change nothing are served.", "Send it again after the time in `Retry-After`, with the same key. `retry` is `later` for a request that came without one.",
	},
	kindHostOutcome: {
		"host-outcome", 502, "Answer of the host", "The host answered with an outcome that is a problem.", "", "",
		"The host did its part and said no, or said that it is in trouble. Status, title and further members come from the outcome that the operation declares.", "See the operation in the API description.",
	},
	kindAnswerLost: {
		"answer-lost", 502, "Work was done, its answer is lost", "The host did the work. What it answered is not known.", outcomeApplied, retryNever,
		"The reply of the host was lost, and an operator found out that it did the work.", "Do not send it again. Read the state with an operation that shows it.",
	},
	kindReplyUnreadable: {
		"reply-unreadable", 502, "Reply cannot be read", "The host replied, but the reply cannot be read.", outcomeApplied, retryNever,
		"The reply breaks its record or frame. The host has done what it does; what it said is not known.", "Do not send an operation that changes something again. Report the trace id.",
	},
	kindReplyForeign: {
		"reply-foreign", 502, "Reply to another request", "The host sent a reply that belongs to another request.", outcomeUnknown, retrySafe,
		"An operation that changes nothing got a reply whose `echo` fields do not hold what was sent. The connections to the host were given up. For an operation that changes something the problem is `in-doubt`.",
		"It may be sent again.",
	},
	kindResponseInvalid: {
		"response-invalid", 502, "Answer breaks the contract", "The host's answer is not what the API description says.", outcomeApplied, retryNever,
		"The answer made from the reply breaks the contract, and the gateway enforces it.", "Do not send an operation that changes something again. Report the trace id.",
	},
	kindNotApplied: {
		"not-applied", 502, "Host did not do the work", "The host gave proof that it refused or rolled back the work.", outcomeNotApplied, retryLater,
		"The host refused the message or rolled back, and said so.", "The request may be sent again.",
	},
	kindPartlyApplied: {
		"partly-applied", 502, "Only a part was done", "A step of the operation failed after others had done their work, which stays.", outcomeApplied, retryNever,
		"The operation has several steps, one of them failed, and what the steps before it changed is not taken back, by declaration.", "Do not send it again. Ask for the state first, with an operation that reads it.",
	},
	kindNotReady: {
		"not-ready", 503, "Gateway is not ready", "The gateway has no routes yet.", outcomeNotSent, retryLater,
		"The gateway is starting.", "Send it again after the time in `Retry-After`.",
	},
	kindIdentityUnavailable: {
		"identity-unavailable", 503, "Credential cannot be verified now", "The credential of the request cannot be verified at the moment.", outcomeNotSent, retryLater,
		"The keys of the issuer of tokens could not be loaded since the gateway started.", "Send it again after the time in `Retry-After`.",
	},
	kindUnavailable: {
		"backend-unavailable", 503, "Host is not available", "The host is taken for down. Nothing was sent to it.", outcomeNotSent, retryLater,
		"The circuit breaker of the host is open, or an operator holds it.", "Send it again after the time in `Retry-After`.",
	},
	kindOverloaded: {
		"overloaded", 503, "Host is busy", "The request could not be sent to the host in time. Nothing was sent to it.", outcomeNotSent, retryLater,
		"All slots or connections of the host are taken and would be for as long as the request can wait, the caller has its share of them, or the gateway or the operation serves as many requests as it may.", "Send it again after the time in `Retry-After`.",
	},
	kindTooShort: {
		"deadline-too-short", 503, "Time is too short", "Less time is left than the host needs. Nothing was sent to it.", outcomeNotSent, retryLater,
		"The caller gave less time than an exchange with the host takes, or the time was used up by waiting for a slot.", "Send it again with more time.",
	},
	kindUnreachable: {
		"backend-unreachable", 503, "Host cannot be reached", "No connection to the host could be used. Nothing was sent to it.", outcomeNotSent, retryLater,
		"Connecting failed, or the connection ended before the host held the whole request.", "Send it again after the time in `Retry-After`.",
	},
	kindCanceled: {
		"canceled", 503, "Caller went away", "The caller went away before the request was sent to the host.", outcomeNotSent, retryLater,
		"The connection to the caller ended. Seen in logs; no caller is left to read it.", "Send it again.",
	},
	kindNoReply: {
		"no-reply", 504, "No reply from the host", "The host did not reply in time, or the connection ended before it did.", outcomeUnknown, retrySafe,
		"An operation that changes nothing got no reply.", "It may be sent again.",
	},
	kindInDoubt: {
		"in-doubt", 504, "Outcome is in doubt", "The request was sent to the host, but no reply came. It may or may not have done the work.", outcomeUnknown, retryNever,
		"An operation that changes something was sent, and its reply did not come in time or was lost.", "Do not send it again. Ask for the state first, with an operation that reads it.",
	},
}
