"""Twilio's REST errors: status, code and words."""

from starlette.responses import JSONResponse, Response

from simulator.faults import Fault

_ERRORS = {
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource was not found"),
    20429: (429, "Too Many Requests"),
    21211: (400, "Invalid 'To' Phone Number"),
    21212: (400, "Invalid 'From' Phone Number"),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (400, "The 'From' phone number is not a valid, message-capable Twilio phone number for this destination."),
    21609: (400, "The 'StatusCallback' URL is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    21620: (400, "Invalid media URL(s)"),
    21623: (400, "Number of media files exceeds allowed limit"),
}


class TwilioError(Exception):
    """A request that Twilio refuses."""

    def __init__(self, code: int) -> None:
        self.status, self.message = _ERRORS[code]
        self.code = code
        super().__init__(self.message)


def error_response(status: int, code: int, message: str) -> Response:
    """The documented JSON of an error."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    body = {"code": code, "message": message, "more_info": more, "status": status}
    headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if status == 401 else {}
    return JSONResponse(body, status, headers=headers)


def refusal(error: TwilioError) -> Response:
    """The answer to a refused request."""
    return error_response(error.status, error.code, error.message)


class TwilioDialect:
    """How faults are worded."""

    def failure(self, fault: Fault) -> Response:
        """An error of the asked status; codes follow the status (500: 20500) unless one was asked for."""
        status = fault.status or 500
        return error_response(status, int(fault.code or 20000 + status), "Something went wrong on purpose")

    def not_ready(self) -> Response:
        """What a recording answers before it is complete."""
        return refusal(TwilioError(20404))
