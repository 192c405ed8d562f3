//! OTLP over gRPC, with a collector made of tonic.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use rollout::{Otlp, OtlpProtocol};
use tokio::sync::oneshot;
use tonic::codec::CompressionEncoding;
use tonic::transport::server::TcpIncoming;
use tonic::{Code, Request, Response, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::Program;
use super::collector::Kept;

type Answer = Result<ExportTraceServiceResponse, Status>;

#[derive(Clone)]
struct Service {
    kept: Kept,
    first: Arc<Mutex<VecDeque<Answer>>>,
    keys: Arc<Mutex<Vec<String>>>,
}

struct Collector {
    service: Service,
    address: SocketAddr,
    _stop: oneshot::Sender<()>,
}

#[tonic::async_trait]
impl TraceService for Service {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let key = request.metadata().get("x-key");
        let key = key.and_then(|key| key.to_str().ok()).unwrap_or_default();
        self.keys.lock().unwrap().push(key.to_owned());
        if let Some(answer) = self.first.lock().unwrap().pop_front() {
            if answer.is_ok() {
                self.kept.keep(request.into_inner());
            }
            return answer.map(Response::new);
        }
        self.kept.keep(request.into_inner());
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Collector {
    fn that_answers(first: impl IntoIterator<Item = Answer>) -> Self {
        let service = Service {
            kept: Kept::default(),
            first: Arc::new(Mutex::new(first.into_iter().collect())),
            keys: Arc::default(),
        };
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = std::sync::mpsc::channel();
        let served = service.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
                tell.send(incoming.local_addr().unwrap()).unwrap();
                let server =
                    TraceServiceServer::new(served).accept_compressed(CompressionEncoding::Gzip);
                let server = tonic::transport::Server::builder().add_service(server);
                tokio::select! {
                    served = server.serve_with_incoming(incoming) => served.unwrap(),
                    _ = stopped => {}
                }
            });
        });
        Self {
            service,
            address: told.recv().unwrap(),
            _stop: stop,
        }
    }

    fn otlp(&self) -> Otlp {
        Otlp::new(format!("http://{}", self.address)).protocol(OtlpProtocol::Grpc)
    }
}

fn run(program: &Program) {
    program.run(|| {
        let trace = rollout::trace("job").start();
        trace.in_scope(|| (0..3).for_each(|_| rollout::span("step").start().end()));
    });
}

#[test]
fn spans_arrive_with_the_headers_compressed_or_not() {
    for gzip in [false, true] {
        let collector = Collector::that_answers([]);
        let program = Program::sending(collector.otlp().gzip(gzip).header("x-key", "the key"));
        run(&program);
        let (stats, _) = program.end();
        assert_eq!((stats.exported, stats.dropped.total()), (8, 0), "{stats:?}");
        assert_eq!(collector.service.kept.spans().len(), 4);
        collector.service.kept.span("job");
        assert!(
            collector
                .service
                .keys
                .lock()
                .unwrap()
                .iter()
                .all(|key| key == "the key")
        );
    }
}

#[test]
fn a_server_that_is_busy_is_asked_again_and_one_that_refuses_is_not() {
    let later = ErrorDetails::with_retry_info(Some(Duration::from_millis(1)));
    let busy = Status::with_error_details(Code::ResourceExhausted, "busy", later);
    let collector = Collector::that_answers([Err(busy), Err(Status::unavailable("away"))]);
    let program = Program::sending(collector.otlp());
    run(&program);
    program.flush();
    let (stats, _) = program.end();
    assert_eq!((stats.exported, stats.dropped.total()), (8, 0), "{stats:?}");

    let collector = Collector::that_answers([Err(Status::invalid_argument("odd spans"))]);
    let program = Program::with(collector.otlp(), |builder| {
        builder.flush_interval(Duration::from_secs(60))
    });
    run(&program);
    program.flush();
    let said = program.said().concat();
    assert!(said.contains("InvalidArgument: odd spans"), "{said}");
    let (stats, _) = program.end();
    assert!(stats.dropped.rejected > 0, "{stats:?}");
}

#[test]
fn spans_that_are_refused_of_a_request_are_counted() {
    let partial = ExportTraceServiceResponse {
        partial_success: Some(ExportTracePartialSuccess {
            rejected_spans: 1,
            error_message: "too old".to_owned(),
        }),
    };
    let collector = Collector::that_answers([Ok(partial)]);
    let program = Program::with(collector.otlp(), |builder| {
        builder.flush_interval(Duration::from_secs(60))
    });
    run(&program);
    let (stats, _) = program.end();
    assert_eq!(
        (stats.dropped.rejected, stats.exported),
        (2, 6),
        "{stats:?}"
    );
}
