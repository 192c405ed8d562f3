// #[tool]
// fn call<'a>(&'a self, id: u32) -> Pin<Box<dyn Future<Output = Reply> + Send + 'a>> {
//     Box::pin(async move { self.reply(id) })
// }

fn call<'a>(&'a self, id: u32) -> Pin<Box<dyn Future<Output = Reply> + Send + 'a>> {
    let __rollout_prepared = ::rollout::__private::Prepared::new(
        const {
            &::rollout::__private::Site::new(::rollout::__private::Kind::Tool, "call")
                .input(true)
                .output(true)
        },
        |__rollout_opening| {
            __rollout_opening.argument("id", ::rollout::__private::capture!(& id));
        },
    );
    let __rollout_future = ::rollout::__private::call(move || -> Pin<
        Box<dyn Future<Output = Reply> + Send + 'a>,
    > { Box::pin(async move { self.reply(id) }) });
    ::std::boxed::Box::pin(async move {
        let mut __rollout_call = __rollout_prepared.open();
        let __rollout_result: Reply = __rollout_call.run_async(__rollout_future).await;
        ::rollout::__private::outcome!(__rollout_call, & __rollout_result);
        __rollout_call.end();
        __rollout_result
    })
}
