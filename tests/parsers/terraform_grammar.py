"""The grammar that generated Terraform expressions come from: kind → productions, `<kind>` standing for another one.

A production whose line begins with `.` is a leaf, taken where no more depth is left. `s n b` are strings, numbers and
bools, `S N B` collections of them, `x` in a kind's name says that a variable of that name is in scope.
"""

from __future__ import annotations

GRAMMAR = r"""
root
<s>
<s>
<s>
<s>
<n>
<n>
<n>
<b>
<b>
<S>
<S>
<S>
<N>
<B>
<set>
<msA>
<mnA>
<any>
<any>
<obj>
<objs>
<nest>
<re>
<codec>
<fmt>
<net>
<time>
<conv>
<tern>
<eq>
<null>
<uni>
<heredoc>

word
."web"
."a"
."Prod"
."eu-west-1"
."x_y"
."b"
."Data Base"
."10"
."1.50"
."true"
."é"
."aa"
.""

key
.a
.b
.name
.id
.zone

int
.0
.1
.2
.3
.7
.10
.443
.-1
.65536

n
.<int>
.<int>
.<int>
.0.5
.1.5
.-2.25
.0.1
.3.14159
.100
.1e3
."8"
.12345678901234567890
<n> + <n>
<n> - <n>
<n> * <n>
<n> / <n>
<n> % <n>
(<n> + <n>) * <n>
-<n>
-(<n> - <n>)
length(<S>)
length(<N>)
length(<msA>)
length(<s>)
max(<n>, <n>, <n>)
min(<n>, <n>)
max(<N>...)
min(concat(<Nt>, [<n>])...)
abs(<n>)
ceil(<n>)
floor(<n>)
ceil(<n> / <n>)
floor(<n> / 3)
signum(<n>)
sum(<N>)
sum([<n>, <n>, <n>])
pow(<n>, <int>)
pow(<int>, 2)
pow(<int>, 0.5)
log(<posn>, 10)
log(<posn>, 2)
parseint("<dig>", 10)
parseint("<hex>", 16)
parseint("<bin>", 2)
parseint("<hex>", 36)
parseint("zZ9", 62)
index(<S>, <s>)
index([<n>, 2, 3], 3)
tonumber("<dig>")
tonumber(<n>)
<b> ? <n> : <n>
<N>[0]
[<n>, <n>][1]
element(<N>, <int>)
{a = <n>, b = 2}.a
lookup(<mnA>, "a", <n>)
coalesce(null, <n>)
try(<N>[9], <n>)
one([<n>])
timecmp(<ts>, <ts>)
length(regexall("[a-z]+", <s>))
1 / <posn>
<n> / length([1, 2, 3])
length(<S>) / length(["x", "y", "z"])
(<b> ? 1 : 0) + <n>

posn
.1
.2
.3
.8
.10
.100
.0.5
.1024
.7.25
pow(2, <int>)
<posn> + 1

dig
.12
.007
.-5
.255
.99999999999999999999
.1000000

hex
.ff
.FF
.1a2B
.7
.-a0

bin
.101
.0
.-1111

b
.true
.false
.true
."true"
."false"
<n> < <n>
<n> > <n>
<n> <= <n>
<n> >= <n>
<n> == <n>
<n> != <n>
<s> == <s>
<s> != <s>
<b> && <b>
<b> || <b>
!<b>
!(<b> && <b>)
<S> == <S>
<any> == <any>
contains(<S>, <s>)
contains(<N>, <n>)
startswith(<s>, <word>)
endswith(<s>, <word>)
strcontains(<s>, <word>)
alltrue(<B>)
anytrue(<B>)
can(<any>)
can(<s>.a)
can(tonumber(<s>))
can(regex("<pat>", <s>))
can(<S>[5])
tobool(<b>)
tobool("true")
<any> == null
<any> != null
length(<S>) > 0
issensitive(<any>)
alltrue([for x in <S> : <bx>])
anytrue([for x in <N> : x > 2])
<b> == <b>
<b> ? <b> : <b>
try(<b>, false)

s
.<word>
.<word>
.<word>
."Hello World"
."foo.bar-baz"
."α-β"
."  pad\n"
"<word1>-${<s>}"
"${<s>}${<n>}"
"${<n>}"
"x${<b>}y"
"${<s>}"
"%{ if <b> }<word1>%{ else }${<s>}%{ endif }"
"%{ if <b> }${<s>}%{ endif }!"
"%{ for x in <S> }${<sx>},%{ endfor }"
"%{ for k, v in <msA> }${k}=${v};%{ endfor }"
"%{ for i, x in <St> ~} ${i}:${x} %{~ endfor }"
"a  %{~ if <b> ~}  ${<s>}  %{~ endif ~}  c"
upper(<s>)
lower(<s>)
title(<s>)
strrev(<s>)
chomp(<s>)
trimspace(<s>)
trim(<s>, <word>)
trimprefix(<s>, <word>)
trimsuffix(<s>, <word>)
replace(<s>, <word>, <word>)
replace(<s>, "/<pat>/", "<rep>")
substr(<s>, <int>, <int>)
substr(<s>, 0, 3)
substr(<s>, -2, -1)
join(<sep>, <S>)
join(<sep>, <N>)
join(<sep>, <S>, <S>)
join("", [for x in <S> : <sx>])
format("%s-%s", <s>, <s>)
format("%s/%d", <s>, <int>)
format("%05d", <int>)
format("%v", <any>)
format("%-6s|", <s>)
format("%.2f", <n>)
indent(2, <s>)
tostring(<n>)
tostring(<b>)
tostring(<s>)
<b> ? <s> : <s>
<S>[0]
[<s>, <s>][1]
element(<S>, <int>)
element(split("-", <s>), 0)
<msA>["a"]
{a = <s>, b = <s>}.a
lookup(<msA>, "a", <s>)
lookup(<msA>, <word>, <s>)
coalesce(<s>, <s>)
coalesce("", null, <s>, "d")
try(<obj>.missing, <s>)
try(<msA>.zone, <s>)
one([<s>])
one(<S>)
base64encode(<s>)
base64decode(base64encode(<s>))
md5(<s>)
sha1(<s>)
sha256(<s>)
urlencode(<s>)
jsonencode(<any>)
regex("<pat>", <s>)
basename(<path>)
dirname(<path>)
sort(<S>)[0]
keys(<msA>)[0]
nonsensitive(sensitive(<s>))

word1
.web
.a
.x-
.é

sep
.","
."-"
.""
.", "

rep
.x
.<$0>
.$1
.${1}-
.

pat
.[a-z]+
.^[a-z]
.o
.[^a-z0-9-]
.\\d+
.(a|b)+
.(\\w+)-(\\w+)
.^(.*)$
.[[:alpha:]]
.a?
.(?i)PROD
.\\bweb\\b
.(a+)+$
.x*

path
."foo/bar/baz.txt"
."/etc/hosts"
."a/../b/"
."./x"
."file"
."/"
.""
"${<word>}/${<word>}.tf"

S
.["b", "a", "c"]
.["web"]
.[]
.["a", "", "b", "a"]
.["10", "9", "1"]
.["x", 1, true]
.tolist(["b", "a"])
.toset(["c", "b", "a", "b"])
<St>
<St>
tolist(<S>)
toset(<S>)
<set>

St
.["é", "z", "A"]
[<s>, <s>]
[<s>, <word>, <s>]
split(<sep>, <s>)
split(",", "a,b,,c")
sort(<S>)
reverse(<St>)
distinct(<St>)
compact(<S>)
concat(<St>, <St>)
concat(<St>, [<s>])
slice(<St>, 0, 1)
slice(concat(<St>, ["p", "q"]), 1, 2)
keys(<msA>)
values(<msA>)
flatten([<St>, [<s>]])
[for x in <S> : <sx>]
[for x in <S> : <sx> if <bx>]
[for k, v in <msA> : "${k}${v}"]
[for i, x in <St> : "${i}-${x}"]
formatlist("%s.%s", <St>, <s>)
formatlist("<%s>", <S>)
matchkeys(<St>, <St>, ["a", "b"])
coalescelist(<St>, ["d"])
<b> ? <St> : <St>
<objs>[*].name
<objs>.*.name
tolist(<S>)
regexall("<pat>", <s>)
setunion(<S>, <S>)
chunklist(<St>, 2)[0]
try(<St>, [])
tolist([for x in <N> : tostring(x)])

set
.toset(["b", "a"])
.toset([])
toset(<S>)
setunion(<set>, <S>)
setintersection(<set>, <S>)
setsubtract(<set>, <S>)
toset([for x in <S> : <sx>])
toset(keys(<msA>))

sx
.x
.x
upper(x)
"${x}-<word1>"
substr(x, 0, 1)
replace(x, "a", "A")
format("%s!", x)
trimprefix(x, <word>)
<bx> ? x : <word>
join("", [x, <word>])

bx
.x == "a"
.x != ""
.length(x) > 1
contains(<S>, x)
startswith(x, <word>)
can(tonumber(x))
!(<bx>)
<bx> || <bx>

N
.[1, 2, 3]
.[3, 1, 20]
.[0.5, 1.5]
.[5]
.tolist([1, 2])
.toset([2, 1, 10])
.range(3)
<Nt>
<Nt>
toset(<N>)
setunion(<N>, <N>)

Nt
.[1, 2]
[<n>, <n>]
[<n>, <n>, <n>]
range(<int>)
range(1, <int>)
range(<int>, <int>, <posn>)
[for x in <N> : x * <n>]
[for x in <N> : x / 4 if x > 1]
[for x in <S> : length(x)]
[for i, x in <St> : i]
concat(<Nt>, <Nt>)
reverse(<Nt>)
distinct(<Nt>)
slice(<Nt>, 0, 1)
values(<mnA>)
flatten([<Nt>, [<n>, [<n>]]])
<objs>[*].n
tolist(<N>)
<b> ? <Nt> : [<n>]

B
.[true, false]
.[true]
.[]
[<b>, <b>]
[<b>, true, <b>]
[for x in <S> : <bx>]
[for x in <N> : x > 1]
tolist([<b>, true])

msA
.{a = "x", b = "y"}
.{a = "1", name = "web", zone = "é"}
.{}
.tomap({a = "p", c = "q"})
.{b = "z"}
{a = <s>, b = <s>}
{a = <s>, "k-${<word>}" = <s>, (<word>) = "w"}
merge(<msA>, <msA>)
merge(<msA>, {c = <s>})
merge(<msA>, null, <msA>)
zipmap(<St>, <St>)
zipmap(["a", "b"], [<s>, <s>])
tomap(<msA>)
tomap({a = <s>, b = <n>})
{for x in <S> : x => <sx>}
{for x in <S> : <sx> => x if <bx>}
{for k, v in <msA> : v => k}
{for k, v in <msA> : upper(k) => v}
{for k, v in <msA> : k => v if v != <word>}
<b> ? <msA> : <msA>
try(<msA>, {})

mnA
.{a = 1, b = 2}
.{a = 0.5}
.tomap({a = 3, z = 4})
{a = <n>, b = <n>}
merge(<mnA>, <mnA>)
zipmap(["a", "b"], [<n>, <n>])
{for x in <S> : x => length(x)}
{for i, x in <St> : x => i}

obj
.{name = "web", n = 1, tags = ["a", "b"]}
.{id = "i-1", on = true, name = null}
{name = <s>, n = <n>, ok = <b>}
{name = <s>, tags = <S>, m = <msA>}
{a = <any>, b = <any>}
{for x in <S> : x => {name = <sx>, n = length(x)}}
{for x in <S> : substr(x, 0, 1) => x...}
{for k, v in <msA> : v => k...}
merge(<obj>, {extra = <any>})
merge(<obj>, <obj>)
transpose({a = <St>, b = <St>})
<objs>[0]
try(<obj>, null)

objs
.[{name = "web", n = 1}, {name = "db", n = 2}]
.[{name = "a", n = 0.5}]
[{name = <s>, n = <n>}, {name = <s>, n = <n>}]
[for x in <S> : {name = <sx>, n = length(x)}]
[for i, x in <St> : {name = x, n = i}]
concat(<objs>, [{name = <s>, n = <n>}])
csvdecode("name,n\n<csv>,1\nq,2\n")
[for x in <objs> : x if x.n != <n>]
values({a = {name = <s>, n = 1}})

csv
.web
."x,y"
.é
.

nest
[<S>, <N>]
[<any>, [<any>]]
chunklist(<S>, 2)
chunklist(<Nt>, <int>)
setproduct(<S>, <S>)
setproduct(<St>, <N>)
[for x in [<St>, <St>] : [for y in x : upper(y)]]
flatten([for x in <S> : [<sx>, [<sx>]]])
flatten([<nest>, <any>])
[for k, v in {a = <S>, b = <S>} : {key = k, vals = v}]
{for k, v in {a = <St>, b = <St>} : k => [for x in v : <sx>]}
[[1, 2], <N>, []][*]
<objs>[*]
[{a = <S>}, {a = <St>}][*].a
[{a = [<s>]}, {a = [<s>]}][*].a[0]
[{a = {b = <any>}}].*.a.b
distinct([<St>, <St>, <St>])
tolist([<St>, <St>])
toset([<St>, <St>])
toset([{a = <s>}, {a = <s>}, {a = <word>}])
tomap({a = <St>, b = <St>})
zipmap(<St>, <objs>)
concat(<St>, <Nt>, <objs>)
concat(<set>, <St>)
reverse(<nest>)
element(<nest>, <int>)
<nest>[0]
slice([<any>, <any>, <any>], 1, 2)
coalescelist(<S>, <nest>)
matchkeys(<objs>, <St>, <S>)

any
.null
.[]
.{}
.[null, 1]
.{a = null}
<s>
<n>
<b>
<S>
<N>
<set>
<msA>
<mnA>
<obj>
<nest>
[<any>, <any>]
{a = <any>}
try(<any>, <any>)
coalesce(<any>, <any>)
<s>[*]
<any>[*]
<obj>.name
<obj>["n"]
jsondecode(jsonencode(<any>))
yamldecode(yamlencode(<any>))

re
regex("(\\w+)\\.(\\w+)", <s>)
regex("(?P<first>[a-z]+)-?(?P<rest>.*)", <s>)
regex("<pat>", <s>)
regexall("<pat>", <s>)
regexall("(<pat>)|(z)", <s>)
regexall("(?P<c>[a-z])(?P<d>[0-9])?", <s>)
replace(<s>, "/(?P<c>[a-z])/", "<${c}>")
regex("^(?:(?P<scheme>[^:/?#]+):)?(//(?P<host>[^/]*))?", "https://${<s>}/p")
regex("(a|ab)(c|bcd)(d*)", "abcd")
regexall("(a*)*", <s>)
regex("(?:x{0,2}y?)+", "xxyxy${<s>}")
regexall("\\pL+", <s>)
regexall("[\\p{Greek}a-c]", <s>)
regex("(?s).+", <s>)
regexall("(?m)^.", "ab\ncd\n${<s>}")
regexall("(?U)a+", "aaa${<s>}")
regex(".*?(\\d{1,3})", "ab1234")
regexall("\\Aa|b\\z", "ab${<s>}b")
regex("[^\\s[:punct:]]+", <s>)
regexall("\\x41|\\x{e9}|\\t", "AéB${<s>}")
regex("\\Q.b\\E", "a.b${<s>}")
replace(<s>, "/(.)(.)?/", "$2$1")
replace("banana", "/a/", <word>)
replace(<s>, "/[aeiou]*/", "-")

codec
jsonencode(<any>)
jsonencode(<obj>)
jsonencode({a = <any>, b = [<any>]})
jsondecode("{\"a\": [1, 2.50, \"x\"], \"b\": {\"c\": null}}")
jsondecode("[<num>, <num>]")
jsondecode("\"<word1>\\u00e9\\n\"")
yamlencode(<any>)
yamlencode(<obj>)
yamlencode([<any>, <any>])
yamlencode({a = <any>, "b c" = <any>})
yamldecode("a: <num>\nb: [x, <yam>]\nc: {d: <yam>}\n")
yamldecode("- <yam>\n- <yam>\n")
yamldecode("x: |\n  a\n  b\ny: >-\n  c\n  d\n")
csvdecode("a,b\n<csv>,<num>\n")
csvdecode("a,b\r\n\"q\"\"r\",2\r\n")
base64encode(<s>)
base64decode("<b64>")
base64sha256(<s>)
base64sha512(<s>)
sha512(<s>)
textencodebase64(<s>, "<enc>")
textdecodebase64(textencodebase64(<s>, "<enc>"), "<enc>")
uuidv5("dns", <s>)
uuidv5("url", <s>)
uuidv5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", <word>)
urlencode(<s>)
urlencode("a/b?c=${<s>}&d")

num
.1
.-0
.1.0
.0.1
.1e3
.1E-7
.123456789012345678901234567890
.3.0000000000000000000001

yam
.1
.1.5
.true
.yes
.~
.null
.010
.0x1F
.0o17
.1e3
."q"
.'s'
.plain text
.2020-01-01
.!!str 5
.1_000
..5
.+1
.on

b64
.SGVsbG8=
.aGk=
.!!
.w6k=
.SGk
.

enc
.UTF-8
.UTF-16LE
.UTF-16BE
.ISO-8859-1
.utf-8
.windows-1252
.US-ASCII
.nope

fmt
format("%s", <any>)
format("%v", <any>)
format("%#v", <any>)
format("%q", <s>)
format("%<flag><width><iverb>", <int>)
format("%<flag><width>.<prec><fverb>", <n>)
format("%<flag><width>s|", <s>)
format("%<width>.<prec>s|", <s>)
format("%t %v", <b>, <b>)
format("%[2]s-%[1]s", <s>, <s>)
format("%d%%", <int>)
format("% d", <int>)
format("%g %e", <n>, <n>)
format("%v", <n>)
format("%s", <n>)
format("%#v %#v", <s>, <n>)
format("%s", <s>, <s>)
format("%s %s", <s>)
format("%*d", 5, <int>)
format("%x", <s>)
format("<%5s>", <word>)
format("<%-5v>", <any>)
format("%03s", <word>)
formatlist("%s=%v", <St>, <any>)
formatlist("%s %s", <St>, <St>)
formatlist("%d", <N>)
formatlist("%05.1f", <N>)

flag
.
.
.+
.-
.0
.#

width
.
.
.3
.8

prec
.0
.1
.3

iverb
.d
.b
.o
.x
.X
.v
.s

fverb
.f
.e
.g
.G
.E
.F

net
cidrsubnet(<cidr>, <bits>, <int>)
cidrhost(<cidr>, <int>)
cidrnetmask(<cidr>)
cidrsubnets(<cidr>, <bits>, <bits>)
cidrsubnets(<cidr>, <bits>, 8, <bits>)
[for i in range(3) : cidrsubnet(<cidr>, <bits>, i)]
cidrhost(cidrsubnet(<cidr>, <bits>, 1), 5)
[for x in cidrsubnets(<cidr>, 4, 4) : cidrhost(x, 1)]
cidrsubnet("10.0.0.0/8", 8, length(<S>))

cidr
."10.0.0.0/16"
."10.1.2.0/24"
."172.16.0.0/12"
."192.168.1.7/28"
."fd00:fd12:3456:7890::/56"
."2001:db8::/32"
."10.0.0.1"
."2001:db8:0:1::/64"
."010.0.0.0/8"
."0.0.0.0/0"

bits
.1
.4
.8
.2
.16

time
formatdate("<df>", <ts>)
formatdate("<df> <df>", <ts>)
timeadd(<ts>, "<dur>")
timecmp(<ts>, <ts>)
timecmp(timeadd(<ts>, "<dur>"), <ts>)
formatdate("YYYY", timeadd(<ts>, "<dur>"))

ts
."2018-01-02T23:12:01Z"
."2020-02-29T00:00:00Z"
."2017-11-22T00:00:00-08:00"
."1999-12-31T23:59:59+05:30"
."2018-01-02T23:12:01.5Z"
."2018-01-02 23:12:01Z"
."1500-06-15T12:00:00Z"

df
.DD MMM YYYY hh:mm ZZZ
.EEE, DD-MMM-YY
.EEEE MMMM D
.HH:mmaa
.h'h'm AA s
.ZZZZZ ZZZZ Z
.M/D/YY
.'it''s' YYYY
.X

dur
.1h
.-30m
.1h30m15s
.24h
.0s
.1.5h
.90m
.100ms
.-1000000h
.x
.5

conv
tostring(<any>)
tonumber(<any>)
tobool(<any>)
tolist(<any>)
toset(<any>)
tomap(<any>)
tolist([<any>, <any>])
toset([<any>, <any>])
tomap({a = <any>, b = <any>})
tolist([<St>, [<n>]])
tolist([{a = <s>}, {a = <n>}])
tolist([{a = <s>}, {b = <s>}])
tonumber("<num>")
tonumber("<dig>")
tolist(<set>)[0]
keys(tomap(<msA>))
tolist([<n>, <s>])[0]
toset([<n>, <b>, <s>])
tolist([<b>, <b>]) == [true, false]
distinct([<n>, <s>, <b>])
[<n>, <s>] == tolist([<n>, <s>])
concat([<n>], tolist([<s>]))
merge({a = <n>}, tomap({b = <s>}))
flatten([tolist([<s>]), toset([<n>]), <n>])

tern
<b> ? <any> : <any>
<b> ? <n> : <s>
<b> ? [<n>] : [<s>]
<b> ? [<n>, <s>] : [<s>]
<b> ? {a = <n>} : {a = <s>}
<b> ? {a = <n>} : {b = <s>}
<b> ? {a = <n>} : {}
<b> ? [] : <S>
<b> ? {} : <msA>
<b> ? null : <any>
<b> ? tolist([<n>]) : [<s>]
<b> ? <set> : <St>
<b> ? tomap({a = <n>}) : {b = <s>}
<b> ? <b> : <s>
<b> ? [{a = <n>}] : [{a = <s>}]
<b> ? <objs> : []
<b> ? <n> : upper(null)
<b> ? toset([<n>]) : tolist([<s>])
<any> == null ? <s> : <any>
length(<S>) > 1 ? <S> : <N>
[for x in <S> : <bx> ? 1 : x]
tostring(<b> ? <n> : <s>)

eq
<any> == <any>
<any> != <any>
<S> == <St>
tolist(<S>) == tolist(<S>)
toset(<S>) == <set>
<msA> == tomap(<msA>)
<msA> == <msA>
[<n>] == [<n>]
[] == tolist([])
{} == tomap({})
<n> == "<dig>"
<s> == <n>
[null] == [<any>]
{a = <n>} == {a = <n>}
<n> == <n> * 1.0
jsondecode(jsonencode(<any>)) == <any>
<b> == "true"
tolist([1, 2]) == [1, 2]
split(",", "a,b") == ["a", "b"]
[for x in ["a"] : x] == ["a"]
contains([<any>, <any>], <any>)
contains(<N>, "1")
index([<any>, 1], 1)
lookup(<obj>, "name", <any>)

null
coalesce(null, <any>, <any>)
coalesce(<any>, <s>)
coalesce(<n>, <s>)
[for x in [<s>, null] : x == null]
merge(null, <msA>)
merge(<msA>, null)
concat(<St>, null)
<any>[*]
null[*]
[null][*]
try(null.a, <any>)
"${null}"
format("%s", null)
format("%v", null)
join(",", [<s>, null])
compact([<s>, null, ""])
length(null)
tostring(null) == null
{a = null}.a
[null, <s>][0]
max(null, 1)
null == null
<b> ? null : null
tolist([null, <s>])
toset([null, <s>])
tomap({a = null, b = <s>})
jsonencode([null, <any>])
lookup({a = null}, "a", <s>)
coalescelist(null, [<s>])
one([null])
alltrue([null, true])
anytrue([null, true])
contains([null], null)
distinct([null, null, <n>])
flatten([null, [null]])
sum([null, 1])
sort([null, "a"])
upper(null)
try(upper(null), <s>)
can(<any>[0])

uni
length("<ustr>")
upper("<ustr>")
lower("<ustr>")
title("<ustr>")
strrev("<ustr>")
substr("<ustr>", 1, 2)
substr("<ustr>", 0, <int>)
split("", "<ustr>")
format("%<width>s|", "<ustr>")
format("%.<prec>s|", "<ustr>")
jsonencode("<ustr>")
base64encode("<ustr>")
urlencode("<ustr>")
sort(["<ustr>", "<ustr>", "z"])
toset(["<ustr>", "<ustr>", "a"])
trim("<ustr>", "<ustr>")
replace("<ustr>", "/./", "<$0>")
regexall(".", "<ustr>")
regexall("\\w+", "<ustr>")
"<ustr>" == "<ustr>"
{"<ustr>" = "<ustr>"}
yamlencode(["<ustr>"])
[for x in ["<ustr>"] : length(x)]
"${"<ustr>"}<ustr>"
format("%q", "<ustr>")
md5("<ustr>")
trimspace(" <ustr> ")
chomp("<ustr>\n")

ustr
.é
.é
.👾🕹️
.👩‍👩‍👧‍👦!
.ǅungla
.straße
.İi
.Ωmega ς
.日本語
.\u00e9\U0001f600
.a\u0301b
.\u200b
.한국어
.🇩🇪🇫🇷
.ﬁ
.\u2028x
.it's o'clock
.foo_bar baz
.\u0000
.ñandú-ça
.\t\r\n

heredoc
<<EOT\n<line>\n<line>\nEOT\n
<<-EOT\n    <line>\n  <line>\nEOT\n
<<-EOT\n    <line>\n\n      <line>\n    EOT\n
<<EOT\n%{ if <b> }\n<line>\n%{ endif }\nEOT\n
<<EOT\n%{ if <b> ~}\n<line>\n%{ else ~}\n<line>\n%{ endif ~}\nEOT\n
<<-EOT\n  %{ for x in <S> ~}\n  - ${<sx>}\n  %{ endfor ~}\n  end\n  EOT\n
<<EOT\n%{ for k, v in <msA> }\n${k} = ${v}\n%{ endfor }\nEOT\n
<<EOT\n\nEOT\n
trimspace(<<EOT\n  <line>\n  EOT\n)
split(",", <<-EOT\n  <line>\n    <line>\n  EOT\n)
[<<A\n<line>\nA\n, <<-B\n  <line>\n  B\n]

line
.text
.a "quoted", line
.$${not} %%{this}
.  indented
.tab\there
.é $ % {}
x = ${<s>}
${<n>}
${<s>}-${<b>}
[${join(", ", <S>)}]
%{ if <b> }yes%{ else }no%{ endif }
"""
