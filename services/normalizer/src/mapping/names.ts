/**
 * The dictionary of names: how vendors call what ECS has a field for. Names are compared without case and without anything but letters and digits, so
 * `src_ip`, `SrcIP` and `src-ip` are one. In a nested format the whole path is looked up first, then its last two members, then the last.
 * Earlier names of a list win over later ones. No vendor's name stands here; a name with two common meanings is left out.
 */

export type ValueKind =
  | 'address'
  | 'port'
  | 'integer'
  | 'text'
  | 'mac'
  | 'transport'
  | 'protocol'
  | 'user'
  | 'url'
  | 'method'
  | 'status'
  | 'time'
  | 'other-time'
  | 'list'
  | 'outcome'
  | 'hash'
  | 'host'
  | 'executable'
  | 'dnstype'
  | 'interface'

export interface NameRule {
  readonly target: string
  readonly kind: ValueKind
  readonly names: string
}

export const nameRules: readonly NameRule[] = [
  {
    target: 'source',
    kind: 'address',
    names:
      'srcip sourceip sourceaddress srcaddr srcaddress src sourceipaddress srcipaddr srcipaddress sourceipv4 srcipv4 sourceipv6 srcipv6 ipsrc ipaddrsrc sourceipaddr idorighh idorigh clientip clientaddress clientaddr clientipaddr clientipaddress cip csip remoteip remoteaddress remoteaddr remip remipaddr rhost raddr originip attackerip attackeraddress calleripaddress callerip peerip peeraddress peeraddr userip useripaddress initiatorip fromip actorip actoripaddress sourcehostip sourceaddr srchost sourcehost saddr ssip ipaddress ipaddr ip addr clienthost remotehost client sourcenetworkaddress remote station framedipaddress rip sourceipv6address srcv4 srcv6 sourcev4 sourceip4 srcip4 srcip6 requestip requesterip requesterclientip loginip loggedinip externalip publicip clientpublicip clientipv4 clientipv6 realip truesourceip httpclientip xforwardedfor clientsourceip srcipv4address sourcenetwork connectionip userclientip lastloginip fromaddr frompeer natclientip ipsource addresssource assignedip lastipaddress remoteaddrip nasipaddr sourceips clientips',
  },
  {
    target: 'source.port',
    kind: 'port',
    names:
      'srcport spt sport sourceport clientport idorigp srcportnum sourceportnumber ipport srcportid cport remoteport csport tcpsrcport udpsrcport ssport sourceportno srcprt localclientport originport sourceportid remoteportnum ssrcport l4srcport sourcetransportport srcudpport peerport rport',
  },
  {
    target: 'source.nat.ip',
    kind: 'address',
    names:
      'sourcetranslatedaddress srcnatip natsourceaddress natsrcip transip xlatesrc natsourceip srcnataddr sourcenatip transsrcip srcipnat srcxlatedip natsrcaddr natsrcaddress sourcenataddress srctransip translatedsrcip tranip transrcip translatedsourceip transsourceip translatedsourceaddress transrcaddr natip xlatedsrc xlatesrcip sourcenataddr tunnelclientip translatedip',
  },
  {
    target: 'source.nat.port',
    kind: 'port',
    names:
      'sourcetranslatedport natsourceport xlatesport natsrcport srcxlatedport srcnatport sourcenatport srctransport transsrcport translatedsrcport transrcport translatedsourceport xlatesrcport',
  },
  {
    target: 'source.mac',
    kind: 'mac',
    names:
      'srcmac smac sourcemac sourcemacaddress clientmac clientmacaddress srcmacaddress srcmacaddr epmacaddress endpointmacaddress callingstationid macaddress mac ethersrcmac ethsrc clientmacaddr usermac devicemac endpointmac hostmac chaddr clienthwaddr hwaddr wlanclientmac stamac stationmac physicaladdress',
  },
  {
    target: 'source.domain',
    kind: 'host',
    names:
      'srcdomain sourcedomain shost sourcehostname srchostname srcname clienthostname clientdomain srcfqdn sourcefqdn workstationname',
  },
  {
    target: 'source.bytes',
    kind: 'integer',
    names:
      'sentbytes sentbyte bytessent srcbytes sourcebytes bytestoserver clientbytes origipbytes origbytes fwdbytes initiatorbytes outbytes bytesout uploadbytes bytesfromclient requestsize reqsize requestbytes csbytes clientoutboundbytes bytessentclient transmittedbytes txbytes bytestx sentbytesnumber clienttoserverbytes c2sbytes bytesc2s srcbytecount bytesup uploadedbytes upbytes sentoctets outgoingbytes requestlength in',
  },
  {
    target: 'source.packets',
    kind: 'integer',
    names:
      'sentpkt sentpackets sentpkts srcpackets pktstoserver origpkts fwdpackets initiatorpackets packetsfromclient packetssent srcpkts c2spackets txpackets srcpacketcount clientoutboundpackets',
  },
  {
    target: 'destination',
    kind: 'address',
    names:
      'dstip destip destinationip destinationaddress dstaddr dstaddress dst dest destinationipaddress dstipaddr dstipaddress destinationipv4 dstipv4 destinationipv6 dstipv6 ipdst destipaddr destaddress destaddr idresph targetip targetaddress serverip serveraddress serveraddr responderip toip daddr cdip sdip dsthost desthost destinationhost victimip localip localaddress upstreamaddr destinationaddr lip destinationipv6address dstv4 dstv6 destinationv4 dstip4 dstip6 targetipaddress serviceip sourcedestip destinationnetworkaddress resourceip backendip backendaddr vip virtualip l3dst peerdstip poolip destinationipv4address toaddr webserverip',
  },
  {
    target: 'destination.port',
    kind: 'port',
    names:
      'dstport dpt dport destport destinationport serverport idrespp dstportnum destinationportnumber targetport localport cdport sdport tcpdstport udpdstport svcport lport destinationportno dstprt l4dstport destinationtransportport servport backendport poolport listenport service',
  },
  {
    target: 'destination.nat.ip',
    kind: 'address',
    names:
      'destinationtranslatedaddress dstnatip natdestinationaddress natdstip tranip xlatedst natdestinationip dstnataddr destinationnatip transdstip dstipnat dstxlatedip natdstaddr natdstaddress destinationnataddress dsttransip translateddstip translateddestip translateddestinationip trandstip xlatedstip destinationnataddr',
  },
  {
    target: 'destination.nat.port',
    kind: 'port',
    names:
      'destinationtranslatedport natdestinationport xlatedport natdstport dstxlatedport dstnatport tranport destinationnatport dsttransport translateddstport trandstport translateddestport translateddestinationport xlatedstport',
  },
  {
    target: 'destination.mac',
    kind: 'mac',
    names: 'dstmac dmac destinationmac destmac destinationmacaddress dstmacaddress dstmacaddr ethdst etherdestmac',
  },
  {
    target: 'destination.domain',
    kind: 'host',
    names:
      'dstdomain destinationdomain dhost destinationhostname dsthostname dstname destfqdn dstfqdn destinationfqdn destinationdnsdomain servername destname',
  },
  {
    target: 'destination.bytes',
    kind: 'integer',
    names:
      'rcvdbytes rcvdbyte recvbytes bytesreceived bytesrcvd dstbytes destinationbytes destbytes bytestoclient serverbytes respipbytes respbytes revbytes responderbytes inbytes bytesin receivedbytes downloadbytes bytesfromserver responsesize respsize clientinboundbytes rxbytes bytesrx servertoclientbytes s2cbytes bytess2c dstbytecount bytesdown downloadedbytes downbytes receivedoctets incomingbytes responselength responsebytes bodybytessent scbytes out',
  },
  {
    target: 'destination.packets',
    kind: 'integer',
    names:
      'rcvdpkt rcvdpackets recvpkts dstpackets pktstoclient resppkts revpackets responderpackets packetsfromserver packetsreceived receivedpackets destpackets dstpkts s2cpackets rxpackets dstpacketcount clientinboundpackets',
  },
  {
    target: 'network.transport',
    kind: 'transport',
    names:
      'transport transportprotocol ipprotocol ipproto protocol proto l4proto protoname prot transproto protocolid protocolnumber protocolname protonumber l4protocol networktransport protocolnum ipprotocolname protoid layer4protocol l3proto transportproto',
  },
  {
    target: 'network.protocol',
    kind: 'protocol',
    names:
      'appproto applicationprotocol appprotocol l7proto app application appname service servicename serviceid protocol proto nwapp serviceapp l7protocol applayer appcategoryname appid l7application applicationlayerprotocol nwsvc logcomponent protocolapp applicationproto svc networkprotocol applicationname',
  },
  { target: 'network.bytes', kind: 'integer', names: 'networkbytes totalbytes bytestotal' },
  {
    target: 'observer.ingress.interface.name',
    kind: 'interface',
    names:
      'srcintf ingressinterface inputinterface ininterface inintf srcinterface srciface ifin inif initf sourceinterface deviceinboundinterface inzoneinterface inputintf iniface srcint packetincominginterface indev sourceinterfacename ingressif inboundinterface srcifname sourceint inputif ingress rxinterface inboundif receivedinterface incominginterface',
  },
  {
    target: 'observer.egress.interface.name',
    kind: 'interface',
    names:
      'dstintf egressinterface outputinterface outinterface outintf dstinterface dstiface ifout outif outitf destinationinterface deviceoutboundinterface outiface dstint destinationinterfacename outdev outputintf egressif outboundinterface dstifname destint outputif egress txinterface outboundif outgoinginterface',
  },
  {
    target: 'user.name',
    kind: 'user',
    names:
      'username usrname user suser srcuser sourceuser sourceusername targetusername duser dstuser destinationuser accountname account acct logonname loginname login userid usr uname acctname xauthuser unauthuser principal usernamefield accountid newlogonaccountname accountforwhichlogonfailedaccountname serverprincipalname sessionserverprincipalname useraccount userprincipalname upn initiatedbyuser actorusername requestuser dbuser dbusername osuser sysuser authenticateduser identityusername actoremail loggedinuser loggedonuser currentuser runasuser performedby changedby modifiedby issuer sambauser subjectaccountname subjectusername adminname actorname actoruser admin remoteuser csusername clientusername authuser actor users auid actoralternateid',
  },
  {
    target: 'user.domain',
    kind: 'text',
    names:
      'userdomain ntdomain accountdomain sntdom dntdom targetdomainname userdomainname addomain subjectdomainname logondomain newlogonaccountdomain accountforwhichlogonfailedaccountdomain subjectaccountdomain machinedomain adomain windowsdomain logondomainname authdomain realm',
  },
  {
    target: 'user.id',
    kind: 'text',
    names:
      'uid usersid usid targetusersid targetsid subjectusersid useruid useraccountsid userobjectid userguid accountsid actorid',
  },
  { target: 'user.email', kind: 'text', names: 'useremail email emailaddress usermail actoremail' },
  {
    target: 'process.name',
    kind: 'text',
    names: 'processname procname proc comm program programname process exename imagename processfilename servicebinary',
  },
  {
    target: 'process.executable',
    kind: 'executable',
    names:
      'exe processpath executable image imagepath processexecutable executablepath processimage newprocessname processimagepath processfilepath actorprocesspath processexe programpath filepathprocess applicationpath exploitpath initiatingprocessfolderpath',
  },
  {
    target: 'process.command_line',
    kind: 'text',
    names:
      'commandline cmdline processcommandline command cmd proctitle processcmdline processargs commandexecuted executedcommand initiatingprocesscommandline originalcommand commandlinearguments shellcommand',
  },
  {
    target: 'process.pid',
    kind: 'integer',
    names: 'processid pid procid processpid newprocessid spid initiatingprocessid actorprocesspid processpidid',
  },
  {
    target: 'process.parent.executable',
    kind: 'text',
    names:
      'parentprocesspath parentimage parentprocessname parentpath parentexe parentexecutable parentimagefilename parentprocessimage parentprocessexe creatorprocessname',
  },
  { target: 'process.parent.pid', kind: 'integer', names: 'ppid parentpid parentprocessid' },
  {
    target: 'file.name',
    kind: 'text',
    names: 'filename fname infectedfilename file attachment attachmentname objectfilename documentname',
  },
  {
    target: 'file.path',
    kind: 'text',
    names:
      'filepath fullpath filefullpath targetfilename targetfilepath path infectedfilepath objectname filelocation folderpath fullfilepath filepathname filenamepath infectedpath quarantinepath objectpath targetpath targetfile accessedresources sourcefilepath infectedobject relativetargetname',
  },
  {
    target: 'file.hash.sha256',
    kind: 'hash',
    names:
      'sha256 filesha256 sha256hash hashsha256 filehashsha256 filehash hash filesha256hash filesha2 sha2 sha256string processsha256 imagesha256 hashessha256',
  },
  { target: 'file.hash.sha1', kind: 'hash', names: 'sha1 filesha1 sha1hash hashsha1 sha1string' },
  { target: 'file.hash.md5', kind: 'hash', names: 'md5 filemd5 md5hash hashmd5 md5string' },
  {
    target: 'url.original',
    kind: 'url',
    names:
      'url requesturl fullurl httpurl uri requesturi csuri httpuri request eurl targeturl destinationurl clickurl redirecturi csuristem requestpath reqpath requesturlfull urlfull fullurlpath uripath requesturlpath httprequesturl httpurlpath urlpath webpage pageurl destinationurlfull threaturl phishurl clickedurl accessedurl csuriquery dsturl',
  },
  {
    target: 'url.domain',
    kind: 'host',
    names:
      'httphostname httphost urldomain requesthost urlhost cshost hosthdr httprequesthost requestheaderhost vhost domain domainname fqdn destinationdomainname httpsitename sitename urlhostname requestdomain destdomain serverhostname destinationfqdn fqdndst hosthttp',
  },
  {
    target: 'http.request.method',
    kind: 'method',
    names:
      'httpmethod requestmethod httprequestmethod method csmethod reqmethod httpreqmethod verb httpverb httpaction requesttype httpmethodname',
  },
  {
    target: 'http.response.status_code',
    kind: 'status',
    names:
      'httpstatus statuscode httpstatuscode responsecode httpresponsecode scstatus respcode downstreamstatus httpresponse httprespstatus status httprespcode response httpresponsestatus responsestatus responsestatuscode originstatus edgeresponsestatus httpreturncode returncode sccode statuscodehttp serverstatus',
  },
  {
    target: 'http.request.referrer',
    kind: 'text',
    names:
      'referer referrer httpreferer httpreferrer requestcontext httprefer csreferer refererurl ereferer refererheader httprequestreferer requestreferer',
  },
  {
    target: 'user_agent.original',
    kind: 'text',
    names:
      'useragent httpuseragent requestclientapplication csuseragent httpagent agentstring ua requestuseragent httprequestuseragent eua useragentstring clientagent requestheaderuseragent httprequestheaderuseragent clientuseragent rawuseragent',
  },
  {
    target: 'dns.question.name',
    kind: 'host',
    names:
      'qname queryname dnsquery dnsrrname rrname query questionname dnsqueryname dnsquestionname dnsdomain dnsqname dnsname requesteddomain queryhost fqdnquery domainqueried questiondomain',
  },
  {
    target: 'dns.question.type',
    kind: 'dnstype',
    names:
      'qtypename querytype qtype rrtype dnsrrtype recordtype dnsquerytype dnsrecordtype dnsquestiontype dnsqtype questiontype querytypename dnstype',
  },
  {
    target: 'dns.response_code',
    kind: 'text',
    names: 'rcode rcodename dnsrcode dnsresponsecode dnsresponsetype responsecodename queryresult',
  },
  {
    target: 'rule.name',
    kind: 'text',
    names:
      'rulename alertsignature signature signaturename attackname threatname accesscontrolrulename policyname ruledescription rule attack virusname malwarename fwrulename firewallrule threat detectname alertname fwrule signame rulelabel aclname watchlistname modelname modelnamefull alerttitle detectionname detectionrule detectionrulename malware malwarefamily threatfamilyname infectionname signatureinfo filtername filterrule accessrule accesspolicy policy matchedrule rulematched securityrule securitypolicy eventsignature iocname acl accesslist idssignature patternname riskname',
  },
  {
    target: 'rule.id',
    kind: 'text',
    names:
      'ruleid alertsignatureid signatureid policyid sigid ruleuid ruleuuid fwruleid attackid sid ruleno rulenumber rulenum polid policynumber policyuuid aclid detectionruleid watchlistid genid signatureno filterid attacksignatureid rulenr',
  },
  {
    target: 'event.code',
    kind: 'text',
    names:
      'eventid eventcode msgid logid messageid signatureid eventcodeid msgno messageno logcode eventnumber evtid eid messagecode errdefsmsgno logmessageid eventtypeid alertcode winevtid',
  },
  { target: 'event.severity', kind: 'integer', names: 'alertseverity severityid' },
  {
    target: 'event.action',
    kind: 'text',
    names:
      'action act eventaction ruleaction policyaction alertaction accesscontrolruleaction eventtype operation activity deviceaction status op eventname verdict disposition decision actiontaken useraction firewallaction dispositionaction enforcement finalaction policyactiontaken mitigationaction responseaction filteraction eventcategoryaction subtype eventsubtype event eventcategory module type logtype activitytype actualaction',
  },
  {
    target: 'event.outcome',
    kind: 'outcome',
    names:
      'outcome result res success eventoutcome status loginresult authresult authenticationresult succeeded eventresult resultstatus statusresult loginstatus',
  },
  {
    target: 'event.reason',
    kind: 'text',
    names:
      'reason failurereason denyreason reasoncode blockreason errormessage failuredescription blockedreason reasontext rejectreason disconnectreason',
  },
  {
    target: 'email.from.address',
    kind: 'list',
    names:
      'mailfrom emailfrom fromemailaddress sender fromaddress senderaddress emailsender from fromemail sendermail smtpfrom esafriendlyfrom sourceaddressmail mailsender sendermailfrom envelopefrom fromheader mailfromaddress headerfrom senderfromaddress p1sender hfrom returnpath fromuser sentfrom',
  },
  {
    target: 'email.to.address',
    kind: 'list',
    names:
      'mailto emailto toemailaddress recipient recipients rcptto rcpt toaddress recipientaddress emailrecipient to toemail smtpto envelopeto rcpts rcpto mailrecipient recipientaddresses mailtoaddress headerto toheader recipientemailaddress sentto touser',
  },
  {
    target: 'email.subject',
    kind: 'text',
    names: 'subject emailsubject mailsubject messagesubject subj headersubject',
  },
  { target: 'tls.server.server_name', kind: 'host', names: 'sni tlssni servernameindication' },
  {
    target: 'host.ip',
    kind: 'address',
    names:
      'computerip endpointip agentip machineip localhostip hostipaddress computeripaddress agentipaddress agentlocalip lastknownip',
  },
  {
    target: 'observer.name',
    kind: 'host',
    names:
      'devname devicename dvchost devicehostname hostname computername machinename computer host node agenthostname agentcomputername computerdnsname devicednsname sensorname hostnamefield endpointname computerfqdn agentcomputername computerdnsname machine devicehost observername fqdnname hostfqdn nodename systemname origin dvc devip deviceip deviceaddress cbserver hostfullname firewallname fwname gatewayname sensor sensorhost applianceid appliancename loghost reportingdevice clusterhostname sysname systemhostname servernamehost hostnm serverhost servernode devicefqdn',
  },
  {
    target: '@timestamp',
    kind: 'time',
    names:
      'timestamp eventtime timestampiso8601 isotimestamp eventtimestamp datetime timecreatedsystemtime systemtime utctime time ts rt logtime eventcreationtime occurred occurredat generatedtime devtime timecreated timegenerated unifiutctime eventdatetime logdatetime eventgeneratedtime detectiontime detectedtime datetimestamp eventdate logdate logtimestamp eventtimeutc timestamputc isotime happenedat detectedat dateandtime eventtimestampms gmttime published requestreceivedtimestamp stagetimestamp',
  },
  {
    // Of when something began, was stored or last changed: only where neither the header nor a better name tells the time.
    target: '@timestamp',
    kind: 'other-time',
    names:
      'createdat createdtime receivetime starttime start end eventreceivedtime lastblocked date begintime epoch alerttime creationtime utc loggedat publishedtime requesttime requesttimestamp currenttime lastupdatetime lastupdated lastupdatedtime updatedat datereceived sendtime unixtime epochtime epochmillis starttimestamp flowstart eventstart eventend',
  },
]
