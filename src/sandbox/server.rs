//! Serves HTTP on a loopback socket.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming as Body};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, ORIGIN, USER_AGENT};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::Timestamp;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::Sandbox;
use super::engine::{Engine, Reply};
use super::wire::{Incoming, Outgoing, Refusal};

/// The largest body in bytes: no operation accepts more than the 100,000 characters of a policy or token.
const MAX_BODY: usize = 1 << 20;
/// How long a client may take to send its headers.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// How long to wait after a connection could not be accepted, which happens if file descriptors have run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// Accepts connections until the future is dropped, which also ends them.
pub(super) async fn serve(sandbox: Sandbox, listener: TcpListener) -> io::Result<()> {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    connections.spawn(connection(sandbox.clone(), stream, peer));
                }
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            },
            // Without this, the set would grow with every connection that ends.
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(sandbox: Sandbox, stream: TcpStream, peer: SocketAddr) {
    // Answers are small and sent at once; waiting to fill a segment would only delay them.
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    serve_stream(sandbox, Resettable { stream, reset: reset.clone() }, peer.ip(), reset).await;
}

/// Speaks HTTP over a stream until it ends. `reset` is set if the stream must end with a reset.
pub(super) async fn serve_stream<S>(sandbox: Sandbox, stream: S, source: IpAddr, reset: Arc<AtomicBool>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let service = service_fn(move |request| respond(sandbox.clone(), request, source, reset.clone()));
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    // A client that disconnects, or does not speak HTTP, ends only its own connection.
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
}

/// An error of this service closes the connection without an answer.
async fn respond(
    sandbox: Sandbox,
    request: Request<Body>,
    source: IpAddr,
    reset: Arc<AtomicBool>,
) -> Result<Response<Full<Bytes>>, io::Error> {
    let (reply, now) = match read(request, source).await {
        Ok(request) => {
            let latency = sandbox.latency();
            if !latency.is_zero() {
                tokio::time::sleep(latency).await;
            }
            sandbox.handle(&request)
        }
        Err(refusal) => (Engine::refuse(refusal), sandbox.now()),
    };
    match reply {
        Reply::Answer(outgoing) => Ok(response(outgoing, now)),
        Reply::Reset => {
            reset.store(true, Ordering::Relaxed);
            Err(io::Error::from(io::ErrorKind::ConnectionReset))
        }
    }
}

async fn read(request: Request<Body>, source: IpAddr) -> Result<Incoming, Refusal> {
    let (head, body) = request.into_parts();
    let body = match Limited::new(body, MAX_BODY).collect().await {
        Ok(body) => body.to_bytes().to_vec(),
        Err(error) if error.is::<LengthLimitError>() => {
            let message = format!("The body is larger than {MAX_BODY} bytes.");
            return Err(Refusal::new("RequestEntityTooLargeException", message).with_status(413));
        }
        Err(error) => return Err(Refusal::serialization(format!("The body can't be read: {error}."))),
    };
    let header = |name: HeaderName| text(&head.headers, &name);
    Ok(Incoming {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        target: header(HeaderName::from_static("x-amz-target")),
        content_type: header(CONTENT_TYPE),
        authorization: header(AUTHORIZATION),
        security_token: header(HeaderName::from_static("x-amz-security-token")),
        user_agent: header(USER_AGENT),
        origin: header(ORIGIN),
        source,
        body,
    })
}

/// A header as text; bytes that are not UTF-8 become replacement characters.
fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn response(outgoing: Outgoing, now: Timestamp) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(outgoing.body)));
    *response.status_mut() = StatusCode::from_u16(outgoing.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    // Clients compare their clock with this header, so it has the time of the world.
    let date = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let values = [
        (DATE, Some(date)),
        (CONTENT_TYPE, outgoing.content_type.map(str::to_owned)),
        (HeaderName::from_static("x-amzn-requestid"), Some(outgoing.request_id)),
        (HeaderName::from_static("x-amzn-errortype"), outgoing.error_type),
    ];
    for (name, value) in values {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    }
    response
}

/// A connection that can end with a reset instead of a regular close.
struct Resettable {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Resettable {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            // Closing with unsent data and no time to linger makes the kernel send a reset. If that fails, the client sees a close.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Resettable {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Resettable {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.reset.load(Ordering::Relaxed) {
            // A shutdown would send a regular end of stream before the reset.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
