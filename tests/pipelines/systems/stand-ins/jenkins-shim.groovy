// A shim of Jenkins' declarative pipelines, which is not Jenkins: it runs the stages of a Jenkinsfile one after the other on this
// machine, with the steps that ours has. What it does not know is an error.
//
// Arguments: the Jenkinsfile, and the answer to every `input`, `proceed` or `abort`. Credentials are variables `CREDENTIAL_<id>`,
// parameters variables `PARAMETER_<name>`.

class Failed extends RuntimeException {
    Failed(String message) { super(message) }
}

class Jenkins {
    static Map<String, String> environment = new LinkedHashMap(System.getenv())
    static Map<String, Object> params = [:]
    static Map currentBuild = [result: 'SUCCESS', description: null]
    static List<String> reports = []
    static Set<String> stashed = []
    static String answer

    static Object inside(Closure body, Object delegate) {
        body.delegate = delegate
        body.resolveStrategy = Closure.DELEGATE_FIRST
        body.call()
    }

    static String credential(String id) {
        def value = System.getenv("CREDENTIAL_" + id.replace('-', '_'))
        if (value == null) throw new Failed("there is no credential " + id)
        value
    }
}

// Inside `steps`, `script` and `post`.
class Steps {
    def getEnv() { Jenkins.environment }
    def getParams() { Jenkins.params }
    def getCurrentBuild() { Jenkins.currentBuild }

    void sh(String script) {
        def file = File.createTempFile('step', '.sh')
        file.text = script
        def builder = new ProcessBuilder(script.startsWith('#!/bin/bash') ? ['bash', file.path] : ['sh', '-xe', file.path])
        builder.environment().clear()
        builder.environment().putAll(Jenkins.environment)
        def status = builder.inheritIO().start().waitFor()
        file.delete()
        if (status != 0) throw new Failed("script returned exit code " + status)
    }

    String readFile(String path) { new File(path).text }

    void withEnv(List<String> variables, Closure body) {
        def before = new LinkedHashMap(Jenkins.environment)
        variables.each { line ->
            def at = line.indexOf('=')
            Jenkins.environment[line.substring(0, at)] = line.substring(at + 1)
        }
        try { body.call() } finally { Jenkins.environment = before }
    }

    void script(Closure body) { Jenkins.inside(body, this) }

    void junit(String path) { report('junit', path) }

    void recordCoverage(Map settings) { settings.tools.each { report(it.parser, it.pattern) } }

    private void report(String kind, String path) {
        if (!new File(path).isFile()) throw new Failed("no " + kind + " report at " + path)
        Jenkins.reports << (kind + ':' + path)
        println "[shim] report ${kind} ${path}"
    }

    void archiveArtifacts(Map settings) {
        if (!new File(settings.artifacts).isFile() && !settings.allowEmptyArchive) throw new Failed("no " + settings.artifacts)
        println "[shim] archive ${settings.artifacts}"
    }

    void stash(Map settings) {
        if (!new File(settings.includes).isFile()) throw new Failed("nothing to stash")
        Jenkins.stashed << settings.name
    }

    void unstash(String name) { if (!(name in Jenkins.stashed)) throw new Failed("no stash " + name) }
}

// Inside `when`.
class When {
    boolean holds = true
    void beforeAgent(boolean really) {}
    void beforeInput(boolean really) {}
    void branch(String name) { holds &= Jenkins.environment.BRANCH_NAME == name }
    void expression(Closure body) {
        holds &= Jenkins.inside(body, new Steps()) as boolean
    }
}

// Inside `environment`: every assignment is a variable.
class Assignments {
    def credentials(String id) { [credential: id] }
    void setProperty(String name, Object value) {
        if (value instanceof Map) {
            def (user, password) = Jenkins.credential(value.credential).split(':', 2) as List
            Jenkins.environment[name + '_USR'] = user
            Jenkins.environment[name + '_PSW'] = password
            value = user + ':' + password
        }
        Jenkins.environment[name] = value as String
    }
    def getProperty(String name) { Jenkins.environment[name] }
}

// Inside `input`.
class Input {
    void message(String text) { println "[shim] input ${text}" }
    void ok(String text) {}
    void submitter(String text) {}
}

// Inside `parameters`.
class Parameters {
    void booleanParam(Map settings) {
        def given = System.getenv('PARAMETER_' + settings.name)
        Jenkins.params[settings.name] = given == null ? settings.defaultValue : given == 'true'
    }
    void string(Map settings) { Jenkins.params[settings.name] = System.getenv('PARAMETER_' + settings.name) ?: settings.defaultValue }
}

// Inside `options`.
class Options {
    void disableConcurrentBuilds() {}
    void skipDefaultCheckout() {}
    void timeout(Map settings) { if (!settings.time || !settings.unit) throw new Failed("timeout without time or unit") }
}

class Post {
    Closure always
    Closure failure
    void always(Closure body) { always = body }
    void failure(Closure body) { failure = body }
}

class Stage {
    String name
    Map<String, Closure> parts = [:]
    def any = 'any'
    void agent(Object label) {}
    void options(Closure body) { Jenkins.inside(body, new Options()) }
    void when(Closure body) { parts.when = body }
    void input(Closure body) { parts.input = body }
    void environment(Closure body) { parts.environment = body }
    void steps(Closure body) { parts.steps = body }
    void stages(Closure body) { parts.stages = body }
    void post(Closure body) { parts.post = body }

    void run() {
        if (parts.when) {
            def when = new When()
            Jenkins.inside(parts.when, when)
            if (!when.holds) {
                println "[shim] stage ${name}: skipped"
                return
            }
        }
        if (parts.input) {
            Jenkins.inside(parts.input, new Input())
            if (Jenkins.answer != 'proceed') throw new Failed("rejected")
        }
        def before = new LinkedHashMap(Jenkins.environment)
        println "[shim] stage ${name}"
        def failed = null
        try {
            if (parts.environment) Jenkins.inside(parts.environment, new Assignments())
            if (parts.steps) Jenkins.inside(parts.steps, new Steps())
            if (parts.stages) Jenkins.inside(parts.stages, new Stages())
        } catch (Failed failure) {
            failed = failure
        }
        try {
            if (parts.post) {
                def post = new Post()
                Jenkins.inside(parts.post, post)
                if (post.always) Jenkins.inside(post.always, new Steps())
                if (post.failure && failed) Jenkins.inside(post.failure, new Steps())
            }
        } catch (Failed failure) {
            failed = failed ?: failure
        }
        Jenkins.environment = before
        if (failed) {
            println "[shim] stage ${name}: failed: ${failed.message}"
            throw failed
        }
        println "[shim] stage ${name}: succeeded"
    }
}

class Stages {
    void stage(String name, Closure body) {
        def stage = new Stage(name: name)
        Jenkins.inside(body, stage)
        stage.run()
    }
}

class Declared {
    def none = 'none'
    def any = 'any'
    void agent(Object label) {}
    void options(Closure body) { Jenkins.inside(body, new Options()) }
    void parameters(Closure body) {
        Jenkins.inside(body, new Parameters())
        Jenkins.params.each { name, value -> Jenkins.environment[name] = value as String }
    }
    void environment(Closure body) {
        Jenkins.inside(body, new Assignments())
        // Where the consumer of the test has other values, they stand in its environment.
        System.getenv().findAll { it.key.startsWith('CONSUMER_') }.each { name, value ->
            Jenkins.environment[name.substring('CONSUMER_'.length())] = value
        }
    }
    void stages(Closure body) { Jenkins.inside(body, new Stages()) }
}

Jenkins.answer = args[1]
def shell = new GroovyShell(this.class.classLoader, new Binding())
shell.setVariable('params', Jenkins.params)
shell.setVariable('env', Jenkins.environment)
shell.setVariable('currentBuild', Jenkins.currentBuild)
shell.setVariable('pipeline', { Closure body -> Jenkins.inside(body, new Declared()) })
try {
    shell.evaluate(new File(args[0]))
    println '[shim] finished: SUCCESS'
} catch (Failed failure) {
    println "[shim] finished: FAILURE: ${failure.message}"
    System.exit(1)
}
