//! `git http-backend` as CGI (RFC 3875): the request's body streams in, git's answer streams out.

use std::io;
use std::path::Path;
use std::process::Stdio;

use axum::body::Body;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use http_body_util::BodyExt;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::broken;
use crate::git;

/// Hands one request for `path` inside `repository` to git, and gives git's answer.
pub(super) async fn run(repository: &Path, path: &str, request: &Parts, body: Body) -> Response {
    let mut command = Command::from(git::command(repository));
    command
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", repository)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("PATH_INFO", path)
        .env("QUERY_STRING", request.uri.query().unwrap_or_default())
        .env("REQUEST_METHOD", request.method.as_str())
        .env("REMOTE_USER", "testbed")
        .env("REMOTE_ADDR", "127.0.0.1")
        .env("SERVER_PROTOCOL", "HTTP/1.1")
        .env("GATEWAY_INTERFACE", "CGI/1.1");
    for (variable, header) in [
        ("CONTENT_TYPE", CONTENT_TYPE),
        ("CONTENT_LENGTH", CONTENT_LENGTH),
        ("HTTP_CONTENT_ENCODING", CONTENT_ENCODING),
        ("GIT_PROTOCOL", HeaderName::from_static("git-protocol")),
    ] {
        if let Some(value) = request.headers.get(header).and_then(|value| value.to_str().ok()) {
            command.env(variable, value);
        }
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut git = match command.spawn() {
        Ok(git) => git,
        Err(error) => return broken(&format!("git http-backend did not start: {error}")),
    };
    let stdin = git.stdin.take().expect("a piped stdin");
    let stdout = git.stdout.take().expect("a piped stdout");
    tokio::spawn(send(body, stdin));
    match answer(git, BufReader::new(stdout)).await {
        Ok(response) => response,
        Err(error) => broken(&format!("git http-backend: {error}")),
    }
}

async fn send(mut body: Body, mut stdin: ChildStdin) {
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(data) = frame.into_data() else { continue };
        // Git stops reading when it has refused; its answer says why.
        if stdin.write_all(&data).await.is_err() {
            return;
        }
    }
}

async fn answer(git: Child, mut stdout: BufReader<ChildStdout>) -> io::Result<Response> {
    let mut status = StatusCode::OK;
    let mut headers = HeaderMap::new();
    loop {
        let mut line = String::new();
        if stdout.read_line(&mut line).await? == 0 {
            return Err(io::Error::other("it ended before its headers did"));
        }
        let line = line.trim_end();
        let Some((name, value)) = line.split_once(':') else { break };
        let value = value.trim();
        if name.eq_ignore_ascii_case("status") {
            let code = value.split(' ').next().and_then(|code| code.parse().ok());
            status = code.ok_or_else(|| io::Error::other(format!("status `{value}`")))?;
        } else {
            let name: HeaderName = name.parse().map_err(io::Error::other)?;
            headers.append(name, HeaderValue::from_str(value).map_err(io::Error::other)?);
        }
    }
    // The child goes with the stream: it ends with its output, and is killed when the client goes away.
    let chunks = stream::try_unfold((git, stdout), async |(mut git, mut stdout)| {
        let mut chunk = vec![0; 16 * 1024];
        let length = stdout.read(&mut chunk).await?;
        chunk.truncate(length);
        if length == 0 {
            git.wait().await?;
            return Ok::<_, io::Error>(None);
        }
        Ok(Some((Bytes::from(chunk), (git, stdout))))
    });
    let mut response = Response::new(Body::from_stream(chunks));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}
